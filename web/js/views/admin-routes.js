// Where the pages of admins stand: `[pattern, title, mount]`.

import { mountAudit } from "./admin-audit.js";
import { mountDiagnostics } from "./admin-diagnostics.js";
import { mountInvariants } from "./admin-invariants.js";
import { mountQuotas } from "./admin-quotas.js";
import { mountTrail } from "./admin-trail.js";
import { mountUsage } from "./admin-usage.js";
import { mountUser } from "./admin-user.js";
import { mountUsers } from "./admin-users.js";

export const adminRoutes = [
  [/^\/admin\/users$/, "Users", mountUsers],
  [/^\/admin\/users\/(?<id>[\w-]+)$/, "User", mountUser],
  [/^\/admin\/audit$/, "Audit", mountAudit],
  [/^\/admin\/trail$/, "Trail", mountTrail],
  [/^\/admin\/invariants$/, "Invariants", mountInvariants],
  [/^\/admin\/quotas$/, "Quotas", mountQuotas],
  [/^\/admin\/diagnostics$/, "Diagnostics", mountDiagnostics],
  [/^\/admin(\/usage)?$/, "Usage", mountUsage],
];
