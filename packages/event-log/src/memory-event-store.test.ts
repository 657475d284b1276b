import { eventStoreContract } from './event-store-contract.ts';
import { createMemoryEventStore } from './memory-event-store.ts';

eventStoreContract('in memory', async (upcasters) => ({
  store: createMemoryEventStore({ upcasters }),
  async [Symbol.asyncDispose]() {},
}));
