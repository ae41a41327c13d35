// What a person, or their studio, does with a booking: cancel it, or pay for the seat it holds.

import { post } from "../api.js";
import { cancelWords } from "../booking-words.js";
import { leaveFor } from "../leave.js";
import { pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { whenWords } from "../zone.js";
import { ask } from "./parts.js";

/** `/organizations/{id}/bookings/{id}/{act}` */
export const bookingPath = (studio, { bookingId }, ...act) =>
  pathOf(studio.organizationId, ["bookings", bookingId, ...act]);

/** Open the payment page of a hold again. */
export async function payHold(studio, booking, control) {
  control.disabled = true;
  try {
    const { checkoutUrl } = await post(bookingPath(studio, booking, "checkout"));
    leaveFor(checkoutUrl);
  } catch (problem) {
    control.disabled = false;
    toast(problem.message, { tone: "bad" });
  }
}

/**
 * Ask, saying whether it is in time and what is given back, and cancel. Answers `cancelled`,
 * `refused`, which is told then, or `kept`. `own`: the person's own; staff may waive that it is
 * late.
 */
export async function cancelBooking(studio, booking, { own = true } = {}) {
  const { title, text, late } = cancelWords(booking, { own });
  const about = `${booking.className}, ${whenWords(booking)}.`;
  const choice = await ask(title, `${about} ${text}`, [
    { label: late ? "Cancel late" : "Cancel it", value: "cancel", kind: "danger" },
    ...(late && !own ? [{ label: "Waive that it is late", value: "waive" }] : []),
    { label: "Keep it", value: "" },
  ]);
  if (!choice) return "kept";
  try {
    await post(bookingPath(studio, booking, "cancel"),
      choice === "waive" ? { waiveLate: true } : {});
  } catch (problem) {
    toast(problem.message, { tone: "bad" });
    return "refused";
  }
  toast(own ? "Cancelled." : `Cancelled for ${booking.customerName}.`, { tone: "good" });
  return "cancelled";
}
