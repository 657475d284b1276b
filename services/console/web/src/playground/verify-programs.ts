import java from '../../../../../docs/verify/Verify.java?raw';
import go from '../../../../../docs/verify/verify.go?raw';
import node from '../../../../../docs/verify/verify.mjs?raw';
import php from '../../../../../docs/verify/verify.php?raw';
import python from '../../../../../docs/verify/verify.py?raw';

export interface VerifyProgram {
  readonly name: string;
  readonly file: string;
  /** What runs it, before its arguments. */
  readonly run: string;
  readonly text: string;
}

/** The programs of docs/verify, which the tests run against what is signed. */
export const verifyPrograms: readonly VerifyProgram[] = [
  { name: 'Node', file: 'verify.mjs', run: 'node verify.mjs', text: node },
  { name: 'Python', file: 'verify.py', run: 'python3 verify.py', text: python },
  { name: 'Go', file: 'verify.go', run: 'go run verify.go', text: go },
  { name: 'PHP', file: 'verify.php', run: 'php verify.php', text: php },
  { name: 'Java', file: 'Verify.java', run: 'java Verify.java', text: java },
];
