import { Checkbox, Group, Radio } from '@mantine/core';
import type { FieldProps } from './form.ts';
import type { FormatGuide } from './format-guide.ts';

/** Before or after, succeeded or failed; Xen Orchestra and VirtFusion call it as they do. */
export function PhaseFields({ form, guide }: FieldProps & { readonly guide: FormatGuide }) {
  const { phases, statuses } = form.values;
  const hasPre = guide.style !== 'virtfusion' && guide.name !== 'cdhosting';
  return (
    <>
      {hasPre && (
        <Radio.Group
          label="When"
          description={
            guide.style === 'xen-orchestra'
              ? 'As in Xen Orchestra: before the method runs (pre), after it (post), or both.'
              : 'After an operation, or before it as well: before, it may still fail.'
          }
          value={phases.join('/')}
          onChange={(value) => form.setFieldValue('phases', value.split('/'))}
          error={form.errors.phases}
        >
          <Group mt="xs">
            <Radio value="pre" label="pre" />
            <Radio value="post" label="post" />
            <Radio value="pre/post" label="pre/post" />
          </Group>
        </Radio.Group>
      )}
      <Checkbox.Group
        label="Outcome"
        description="Whether the operation succeeded or failed. VirtFusion calls both together any."
        value={[...statuses]}
        onChange={(value) => form.setFieldValue('statuses', value)}
        error={form.errors.statuses}
      >
        <Group mt="xs">
          <Checkbox value="success" label="success" />
          <Checkbox value="fail" label="fail" />
        </Group>
      </Checkbox.Group>
    </>
  );
}
