/**
 * Input that breaks the contract. `code` is stable and snake_case, for programs; the message names
 * the field, what is wrong with its value and what would be right, for people.
 */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
