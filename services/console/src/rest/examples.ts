/** Ids and times that the examples share, so that they belong together. */
export const exampleIds = {
  webhook: 'sub_01m80mhnh3e85tvw1gzgw007n1',
  event: 'evt_01m80mhnjaezf9xes17zhek7jq',
  delivery: 'dlv_01m80mhnjaffrvypezm8ya8rax',
  attempt: 'att_01m80mhnjbe9stzb27ym0vkbw3',
  replay: 'rpl_01m80nqk2efhrrsw10s85xm1sp',
  tenant: 'ten_01m80mhnh1f2k8x9v0c1b2n3m4',
  key: 'key_01m80mhnh2e7j6h5g4f3d2s1a0',
  agent: 'agt_01m80mhnh4q9w8e7r6t5y4z3x2',
  trace: 'da9a915d6fa04a1c6533b201a227985d',
} as const;

export const exampleTime = '2026-11-22T03:24:40.355Z';
