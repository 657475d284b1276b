import type { UseFormReturnType } from '@mantine/form';
import type { WebhookValues } from './form-values.ts';

/** What each group of fields is given. */
export interface FieldProps {
  readonly form: UseFormReturnType<WebhookValues>;
}
