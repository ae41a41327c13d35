// Where the pages of a studio stand: `[pattern, title, mount]`.

import { mountStudioClass } from "./studio-class.js";
import { mountEditClass, mountNewClass } from "./studio-class-form.js";
import { mountCustomer } from "./studio-customer.js";
import { mountCustomers, mountNewCustomer } from "./studio-customers.js";
import { mountMembers } from "./studio-members.js";
import { mountStudioSchedule } from "./studio-schedule.js";
import { mountSettings } from "./studio-settings.js";
import { mountStudios } from "./studio.js";

export const studioRoutes = [
  [/^\/studio$/, "Studio", mountStudios],
  [/^\/studio\/(?<org>[\w-]+)$/, "Schedule", mountStudioSchedule],
  [/^\/studio\/(?<org>[\w-]+)\/classes\/new$/, "New class", mountNewClass],
  [/^\/studio\/(?<org>[\w-]+)\/classes\/(?<id>[\w-]+)$/, "Class", mountStudioClass],
  [/^\/studio\/(?<org>[\w-]+)\/classes\/(?<id>[\w-]+)\/edit$/, "Change a class", mountEditClass],
  [/^\/studio\/(?<org>[\w-]+)\/customers$/, "Customers", mountCustomers],
  [/^\/studio\/(?<org>[\w-]+)\/customers\/new$/, "New customer", mountNewCustomer],
  [/^\/studio\/(?<org>[\w-]+)\/customers\/(?<kind>client|lead)\/(?<id>[\w-]+)$/, "Customer",
    mountCustomer],
  [/^\/studio\/(?<org>[\w-]+)\/members$/, "Members", mountMembers],
  [/^\/studio\/(?<org>[\w-]+)\/settings$/, "Settings", mountSettings],
];
