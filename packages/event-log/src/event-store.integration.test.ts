import { createEventStore } from './event-store.ts';
import { eventStoreContract } from './event-store-contract.ts';
import { openTestLog } from './fixtures.ts';

eventStoreContract('in Postgres', async (upcasters) => {
  const log = await openTestLog();
  return {
    store: createEventStore(log.service, { dedupeDays: 7, upcasters }),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
});
