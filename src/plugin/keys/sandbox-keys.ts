import { flag, oneOf } from '../../config/value.ts'
import { key } from '../key.ts'

/** What its processes may reach. */
export const SANDBOX_KEYS = {
  sandbox: key(
    'sandbox / _sandbox',
    oneOf('AUTO', 'home', 'strict'),
    'AUTO',
    'A stricter sandbox than the one that the module gives: home or strict. AUTO: that of the module. Only the administrator can give a weaker one, in [sandbox] of the module.',
  ),
  sandbox_required: key(
    'sandbox_required / _sandbox_required',
    flag,
    '0',
    '1: where the system cannot give the plugin its sandbox, it does not run. 0: it runs without, and mfserv.status says so.',
  ),
}
