// Every place of the page: `[pattern, title, mount]`, the first match counts.

import { mountBalance, mountProfile } from "./account.js";
import { adminRoutes } from "./admin-routes.js";
import { mountAi } from "./ai.js";
import { mountClass } from "./class-page.js";
import { mountClasses, mountSchedule } from "./classes.js";
import { mountJoin } from "./classes-join.js";
import { mountBookings } from "./classes-mine.js";
import { mountClassPaid, mountClassUnpaid } from "./classes-paid.js";
import { mountDesk } from "./desk.js";
import { mountExperts } from "./experts.js";
import { mountFeedback } from "./feedback.js";
import { mountHistory } from "./history.js";
import { mountIntake } from "./intake.js";
import { mountPaid } from "./paid.js";
import { mountPay } from "./pay.js";
import { mountPurchases } from "./purchases.js";
import { mountRoom } from "./room.js";
import { mountSession } from "./session.js";
import { mountStart } from "./start.js";
import { studioRoutes } from "./studio-routes.js";
import { mountWaiver } from "./waiver.js";
import { mountWelcome } from "./welcome.js";

/** The routes; whoever is not signed in sees the welcome instead. */
export function routesOf(app) {
  const own = (mount) => (root, params) =>
    (app.user ? mount(app) : mountWelcome(app))(root, params);
  return [
    [/^\/interview$/, "Interview", own(mountRoom)],
    [/^\/interviews$/, "History", own(mountHistory)],
    [/^\/interviews\/(?<id>[\w.-]+)$/, "Feedback", own(mountFeedback)],
    [/^\/experts$/, "Experts", own(mountExperts)],
    [/^\/intake$/, "Ask an expert", own(mountIntake)],
    [/^\/intake\/waiver$/, "Waiver", own(mountWaiver)],
    [/^\/intake\/pay$/, "Pay", own(mountPay)],
    [/^\/intake\/paid$/, "Your payment", own(mountPaid)],
    [/^\/sessions\/(?<id>[\w.-]+)$/, "Session", own(mountSession)],
    [/^\/classes$/, "Classes", own(mountClasses)],
    [/^\/classes\/join$/, "Join a studio", own(mountJoin)],
    [/^\/classes\/mine$/, "Your bookings", own(mountBookings)],
    [/^\/classes\/paid$/, "Your payment", own(mountClassPaid)],
    [/^\/classes\/pay$/, "Your payment", own(mountClassUnpaid)],
    [/^\/classes\/(?<org>[\w-]+)$/, "Classes", own(mountSchedule)],
    [/^\/classes\/(?<org>[\w-]+)\/(?<id>[\w-]+)$/, "Class", own(mountClass)],
    ...studioRoutes.map(([pattern, title, mount]) => [pattern, title, own(mount)]),
    ...adminRoutes.map(([pattern, title, mount]) => [pattern, title, own(mount)]),
    [/^\/desk$/, "Expert desk", own(mountDesk)],
    [/^\/ai$/, "AI tools", own(mountAi)],
    [/^\/balance$/, "Balance", own(mountBalance)],
    [/^\/purchases$/, "Purchases", own(mountPurchases)],
    [/^\/profile$/, "Profile", own(mountProfile)],
    [/^/, "Practise", own(mountStart)],
  ];
}
