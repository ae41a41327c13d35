// Greenroom's booking widget: one file for any site, without dependencies.
//
//   <script src="https://app.example.com/widget.js" data-key="wk_…"
//           data-api="https://widget-api.example.com" async></script>
//
// It draws a studio's schedule where the script stands, in a shadow root, so that neither the
// page's styles nor its scripts' selectors reach in. `data-api` is where the API is, without
// `/api`; without it, the script's own origin. `data-theme` is `light` or `dark`; without it the
// visitor's own setting counts. The accent is the page's to choose: `--greenroom-accent` and
// `--greenroom-on-accent` on any parent.
//
// A booking's link is the page's own address with `#greenroom=<token>`: the part after # is never
// sent to a server.
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script) return;

  const ANSWER_MAX_MS = 20_000;
  const MONTHS_AHEAD = 12;
  const LINK = /^#greenroom=([A-Za-z0-9._-]+)$/;
  const LOCALE = locale(document.documentElement.lang);
  const DAY = { year: "numeric", month: "2-digit", day: "2-digit" };

  const STYLE = `
    :host {
      all: initial;
      display: block;
      container-type: inline-size;
      color-scheme: light;
      --ground: #ffffff; --sunken: #f3f5f1; --ink: #18211c; --soft: #4c5a52; --line: #d5dcd3;
      --edge: #7e8c83; --bad: #a3271f; --bad-soft: #fbe6e3; --good-soft: #e0efe6;
      --focus: #0b57d0;
      --accent: var(--greenroom-accent, #1f6b4a); --on-accent: var(--greenroom-on-accent, #ffffff);
      font: 400 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      color: var(--ink);
    }
    :host([data-theme="dark"]) {
      color-scheme: dark;
      --ground: #171e1a; --sunken: #1f2823; --ink: #e8efea; --soft: #a9b8af; --line: #2d3832;
      --edge: #7c8b82; --bad: #ff9d92; --bad-soft: #3a1a18; --good-soft: #1d3529;
      --focus: #9cc3ff;
      --accent: var(--greenroom-accent, #7fd1a6); --on-accent: var(--greenroom-on-accent, #0c1f15);
    }
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    section {
      background: var(--ground); border: 1px solid var(--line); border-radius: 14px;
      padding: 1rem; min-height: 12rem;
    }
    h2, h3, p, ol, ul, dl, dd { margin: 0; padding: 0; }
    h2, h3, p, dd, li { overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; line-height: 1.3; }
    h2:focus { outline: none; }
    h3 { font-size: 1rem; padding: 0.9rem 0 0.3rem; color: var(--soft); font-weight: 600; }
    ol, ul { list-style: none; }
    a { color: var(--accent); text-underline-offset: 0.18em; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; }
    .bar h2 { flex: 1 1 12rem; }
    .months { display: flex; align-items: center; gap: 0.4rem; }
    .months strong { min-width: 9.5rem; text-align: center; }
    .soft { color: var(--soft); font-size: 0.9rem; }
    .bar + .soft { padding-top: 0.5rem; }
    .class {
      display: grid; gap: 0.2rem 1rem; padding: 0.8rem 0; border-top: 1px solid var(--line);
      grid-template-columns: 1fr;
    }
    .class .name { font-weight: 600; }
    .class .act { padding-top: 0.35rem; }
    .state { color: var(--soft); }
    @container (min-width: 36rem) {
      section { padding: 1.5rem; }
      .class { grid-template-columns: 10.5rem 1fr auto; align-items: center; }
      .class .act { padding-top: 0; }
      form, .card { max-width: 30rem; }
    }
    button, .button {
      font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0.5rem 1.1rem;
      border-radius: 9px; border: 1px solid var(--accent); background: var(--accent);
      color: var(--on-accent); cursor: pointer;
    }
    button.plain { background: transparent; color: var(--ink); border-color: var(--edge); }
    button.bad { background: transparent; color: var(--bad); border-color: var(--bad); }
    button:disabled { opacity: 0.55; cursor: default; }
    .step { min-width: 2.75rem; padding: 0.5rem; }
    form, .card { display: grid; gap: 0.9rem; padding-top: 1rem; }
    label { display: block; font-weight: 600; padding-bottom: 0.25rem; }
    label .soft { font-weight: 400; }
    input {
      font: inherit; width: 100%; min-height: 2.75rem; padding: 0.45rem 0.7rem; color: var(--ink);
      background: var(--ground); border: 1px solid var(--edge); border-radius: 9px;
    }
    input[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
    .wrong { color: var(--bad); font-size: 0.9rem; padding-top: 0.25rem; }
    .notice { background: var(--good-soft); border-radius: 9px; padding: 0.8rem 1rem; }
    .notice.bad { background: var(--bad-soft); color: var(--bad); }
    .actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; }
    .notice + .actions { padding-top: 0.8rem; }
    .facts { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1rem; }
    .facts dt { color: var(--soft); }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .elsewhere { position: absolute; left: -200vw; width: 1px; height: 1px; overflow: hidden; }
    .loading { padding: 2.5rem 0; text-align: center; color: var(--soft); }
  `;

  /** A refusal, or silence (`status` 0, `code` `NO_ANSWER`). */
  class Refused extends Error {
    constructor(status, problem, retryAfterS) {
      super(problem.detail || "");
      this.status = status;
      this.code = problem.code || "NO_ANSWER";
      this.errors = Array.isArray(problem.errors) ? problem.errors : [];
      this.retryAfterS = retryAfterS;
    }
  }

  /** Build an element. Text is always set as text, never as HTML. */
  function h(tag, props, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat()) {
      if (child !== undefined && child !== null && child !== false) node.append(child);
    }
    return node;
  }

  /** A name for one wish, so that sending it twice books once; works without a secure context. */
  function wishName() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function money(cents, currency) {
    const code = String(currency || "").toUpperCase();
    try {
      const style = new Intl.NumberFormat(LOCALE, { style: "currency", currency: code });
      return style.format(cents / 10 ** style.resolvedOptions().maximumFractionDigits);
    } catch {
      return `${(cents / 100).toFixed(2)} ${code}`.trim();
    }
  }

  function host() {
    const element = h("div", { "data-greenroom": "widget" });
    const wanted = script.dataset.theme;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () => {
      element.dataset.theme = wanted || (dark.matches ? "dark" : "light");
    };
    paint();
    dark.addEventListener("change", paint);
    script.after(element);
    const root = element.attachShadow({ mode: "open" });
    try {
      // A sheet that is built by script needs no leave of the page's Content-Security-Policy.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(h("style", {}, STYLE));
    }
    return root;
  }

  class Widget {
    constructor(root, { key, api }) {
      this.base = `${api.replace(/\/+$/, "")}/api/widget/${encodeURIComponent(key)}`;
      this.studio = null;
      this.turn = 0;
      this.said = h("p", { class: "said", "aria-live": "polite" });
      this.view = h("div", {});
      root.append(h("section", { "aria-label": "Class schedule and booking" }, this.said, this.view));
      addEventListener("hashchange", () => this.linked() && this.open());
    }

    // --- Where we are ------------------------------------------------------------------------

    /** The token of the link by which the visitor came, if any. */
    linked() {
      return LINK.exec(location.hash)?.[1] || null;
    }

    async open() {
      const token = this.linked();
      await this.load(async () => {
        this.studio = this.studio || (await this.ask("GET", ""));
        if (token) return this.managed(token, await this.ask("GET", `/bookings/${token}`));
        this.month = this.month || this.today().slice(0, 7);
        return this.schedule(await this.classes());
      });
    }

    /** Show that something is under way, then what it makes, or why it failed. */
    async load(make, { focus = false } = {}) {
      const turn = (this.turn += 1);
      this.view.setAttribute("aria-busy", "true");
      if (!this.view.hasChildNodes()) this.view.append(h("p", { class: "loading" }, "Loading…"));
      let shown;
      try {
        shown = await make();
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        shown = this.failed(refused);
      }
      if (turn === this.turn) this.show(shown, { focus }); // else something newer was asked for
    }

    show(nodes, { focus = true } = {}) {
      this.view.removeAttribute("aria-busy");
      this.view.replaceChildren(...[nodes].flat());
      if (focus) this.view.querySelector("h2")?.focus();
    }

    say(text) {
      this.said.textContent = text;
    }

    // --- The API -----------------------------------------------------------------------------

    async ask(method, path, body, wish) {
      const headers = body === undefined ? {} : { "Content-Type": "application/json" };
      if (wish) headers["Idempotency-Key"] = wish;
      let answer;
      let text;
      try {
        answer = await fetch(this.base + path, {
          method,
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
          credentials: "omit",
          cache: "no-store",
          referrerPolicy: "no-referrer",
          signal: AbortSignal.timeout ? AbortSignal.timeout(ANSWER_MAX_MS) : undefined,
        });
        text = await answer.text();
      } catch {
        throw new Refused(0, {});
      }
      let told = {};
      try {
        told = JSON.parse(text);
      } catch {
        // What is no JSON is no answer of the API.
      }
      if (!answer.ok) throw new Refused(answer.status, told, Number(answer.headers.get("Retry-After")));
      return told;
    }

    /** The classes of the studio's own month; the API's months are those of UTC. */
    async classes() {
      const months = [this.month];
      const first = this.localDay(`${this.month}-01T00:00:00Z`);
      const late = this.localDay(`${this.month}-01T23:59:59Z`);
      if (first < `${this.month}-01`) months.push(later(this.month, 1));
      else if (late > `${this.month}-01`) months.unshift(later(this.month, -1));
      const told = await Promise.all(months.map((month) => this.ask("GET", `/schedule?month=${month}`)));
      const items = told.flatMap((one) => one.items);
      return items.filter((one) => this.localDay(one.startsAt).startsWith(this.month));
    }

    /** What a refusal means for the visitor. */
    words(refused) {
      const minutes = Math.max(1, Math.ceil((refused.retryAfterS || 60) / 60));
      const known = {
        NO_ANSWER: "The booking service cannot be reached right now. Try again in a moment.",
        NOT_FOUND: "This is not available any more.",
        ORIGIN_NOT_ALLOWED: `Booking is not open on this site: the studio has to allow ${location.origin} first.`,
        INVALID_LINK: "This link is not valid, or not valid any more.",
        ALREADY_BOOKED: "You are in this class, or on its waitlist, already. The link of your first booking manages it.",
        OVERLAP: "You are in another class at that time.",
        RATE_LIMITED: `Too many bookings were made from here. Try again in ${minutes} min.`,
        PREPAYMENT_REQUIRED: "This studio wants its classes paid in advance, so they cannot be booked here. Please book with the studio itself.",
        VALIDATION_FAILED: "Please look at the fields once more.",
      };
      return known[refused.code] || refused.message || "Something went wrong. Try again.";
    }

    failed(refused) {
      const link = this.linked();
      return [
        this.heading(this.studio?.name || "Classes"),
        h(
          "div",
          { class: "card" },
          h("p", { class: "notice bad", role: "alert" }, this.words(refused)),
          h(
            "div",
            { class: "actions" },
            refused.status === 0 || refused.status >= 429
              ? h("button", { type: "button", onclick: () => this.open() }, "Try again")
              : null,
            link && this.studio
              ? h("button", { type: "button", class: "plain", onclick: () => this.home() }, "See all classes")
              : null,
          ),
        ),
      ];
    }

    // --- Words -------------------------------------------------------------------------------

    heading(text) {
      return h("h2", { tabindex: "-1" }, text);
    }

    date(value, style) {
      return new Intl.DateTimeFormat(LOCALE, { timeZone: this.zone(), ...style }).format(new Date(value));
    }

    day(value) {
      return this.date(value, { weekday: "long", day: "numeric", month: "long" });
    }

    time(value) {
      return this.date(value, { hour: "numeric", minute: "2-digit" });
    }

    /** From when to when on the clock: `18:00 – 19:00`, `6:00 – 7:00 PM`. */
    hours({ startsAt, endsAt }) {
      const style = { timeZone: this.zone(), hour: "numeric", minute: "2-digit" };
      return new Intl.DateTimeFormat(LOCALE, style).formatRange(new Date(startsAt), new Date(endsAt));
    }

    moment(value) {
      return `${this.day(value)}, ${this.time(value)}`;
    }

    /** The day of a moment at the studio, `2026-11-21`. */
    localDay(value) {
      const parts = new Map(
        new Intl.DateTimeFormat("en", { ...DAY, timeZone: this.zone() })
          .formatToParts(new Date(value))
          .map(({ type, value: text }) => [type, text]),
      );
      return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
    }

    today() {
      return this.localDay(Date.now());
    }

    /** The studio's time zone, as far as this browser knows it. */
    zone() {
      try {
        const zone = this.studio?.timezone || "UTC";
        new Intl.DateTimeFormat("en", { timeZone: zone });
        return zone;
      } catch {
        return "UTC";
      }
    }

    price({ priceCents, currency }) {
      return priceCents ? money(priceCents, currency) : "Free";
    }

    zoneNote() {
      const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const zone = this.zone();
      return zone !== own
        ? h("p", { class: "soft" }, `Times are those of the studio (${zone.replaceAll("_", " ")}).`)
        : null;
    }

    // --- The schedule ------------------------------------------------------------------------

    schedule(items) {
      const days = new Map();
      for (const one of items) {
        if (new Date(one.endsAt) < new Date()) continue;
        const day = this.day(one.startsAt);
        days.set(day, [...(days.get(day) || []), one]);
      }
      const listed = [...days].map(([day, classes]) => [
        h("h3", {}, day),
        h("ul", {}, classes.map((one) => this.line(one))),
      ]);
      return [
        h("div", { class: "bar" }, this.heading(this.studio.name || "Classes"), this.months()),
        this.zoneNote(),
        listed.length ? listed.flat() : h("p", { class: "loading" }, "No classes in this month."),
      ].flat().filter(Boolean);
    }

    months() {
      const first = this.today().slice(0, 7);
      const step = (by, label, sign, disabled) =>
        h(
          "button",
          { type: "button", class: "plain step", "aria-label": label, disabled, "data-step": by, onclick: () => this.turnTo(by) },
          sign,
        );
      return h(
        "div",
        { class: "months", role: "group", "aria-label": "Month" },
        step(-1, "Previous month", "‹", this.month <= first),
        h("strong", {}, this.monthName()),
        step(1, "Next month", "›", this.month >= later(first, MONTHS_AHEAD)),
      );
    }

    async turnTo(by) {
      this.month = later(this.month, by);
      await this.load(async () => this.schedule(await this.classes()));
      const stepped = this.view.querySelector(`[data-step="${by}"]`);
      (stepped?.disabled ? this.view.querySelector("h2") : stepped)?.focus();
      this.say(this.monthName());
    }

    monthName() {
      return this.date(`${this.month}-15T12:00:00Z`, { month: "long", year: "numeric" });
    }

    line(one) {
      const who = [one.instructor, one.location].filter(Boolean).join(" · ");
      const few = one.bookable && one.free <= 5;
      const seats = few ? (one.free === 1 ? "1 seat left" : `${one.free} seats left`) : null;
      return h(
        "li",
        { class: "class" },
        h("span", {}, this.hours(one)),
        h(
          "div",
          {},
          h("p", { class: "name" }, one.name),
          who ? h("p", { class: "soft" }, who) : null,
          h("p", { class: "soft" }, [this.price(one), seats].filter(Boolean).join(" · ")),
        ),
        h("div", { class: "act" }, this.act(one)),
      );
    }

    act(one) {
      const label = `${one.name}, ${this.moment(one.startsAt)}`;
      if (one.bookable) {
        return h("button", { type: "button", "aria-label": `Book ${label}`, onclick: () => this.show(this.form(one, false)) }, "Book");
      }
      if (one.waitlistOpen) {
        return h(
          "button",
          { type: "button", class: "plain", "aria-label": `Join the waitlist of ${label}`, onclick: () => this.show(this.form(one, true)) },
          "Join waitlist",
        );
      }
      const states = { CLASS_FULL: "Full", CLASS_CANCELLED: "Cancelled" };
      return h("span", { class: "state" }, states[one.reason] || "Booking closed");
    }

    /** Back to the schedule, and away from a link that was followed. */
    home() {
      if (this.linked()) history.replaceState(null, "", location.pathname + location.search);
      return this.load(
        async () => {
          this.month = this.month || this.today().slice(0, 7);
          return this.schedule(await this.classes());
        },
        { focus: true },
      );
    }

    // --- The form ----------------------------------------------------------------------------

    form(one, waiting) {
      const fields = {
        name: this.field("Your name", { name: "name", autocomplete: "name", maxlength: 120, required: true }),
        email: this.field("E-mail", { name: "email", type: "email", autocomplete: "email", maxlength: 254, required: true }),
        phone: this.field("Phone", { name: "phone", type: "tel", autocomplete: "tel", maxlength: 32 }),
      };
      // People never see it; programs that fill in everything do.
      const trap = h("input", { name: "website", tabindex: "-1", autocomplete: "off" });
      const notice = h("div", { role: "alert" });
      const submit = h("button", { type: "submit" }, waiting ? "Join the waitlist" : "Book this class");
      const back = h("button", { type: "button", class: "plain", onclick: () => this.home() }, "Back");
      const wish = { name: null, of: null };
      const form = h(
        "form",
        { novalidate: true },
        this.summary(one, waiting),
        Object.values(fields).map((field) => field.node),
        h("div", { class: "elsewhere", "aria-hidden": "true" }, h("label", {}, "Website", trap)),
        notice,
        h("div", { class: "actions" }, submit, back),
      );
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        notice.replaceChildren();
        if (!this.valid(fields)) return;
        const body = {
          classSessionId: one.classSessionId,
          name: fields.name.input.value.trim(),
          email: fields.email.input.value.trim(),
          joinWaitlist: waiting,
        };
        if (fields.phone.input.value.trim()) body.phone = fields.phone.input.value.trim();
        if (trap.value) body.website = trap.value;
        // The same wish keeps its name, so that pressing again after silence books once.
        if (wish.of !== JSON.stringify(body)) Object.assign(wish, { name: wishName(), of: JSON.stringify(body) });
        submit.disabled = true;
        form.setAttribute("aria-busy", "true");
        try {
          this.show(this.booked(await this.ask("POST", "/bookings", body, wish.name)));
        } catch (refused) {
          if (!(refused instanceof Refused)) throw refused;
          if (refused.status !== 0 && refused.status < 500) wish.of = null;
          this.refuse(refused, { one, waiting, fields, notice });
        } finally {
          submit.disabled = false;
          form.removeAttribute("aria-busy");
        }
      });
      return [this.heading(waiting ? `Waitlist: ${one.name}` : `Book: ${one.name}`), form];
    }

    summary(one, waiting) {
      const price = one.priceCents ? `${this.price(one)}, paid at the studio` : "Free";
      return h(
        "div",
        {},
        h("p", {}, `${this.day(one.startsAt)}, ${this.hours(one)}`),
        h("p", { class: "soft" }, [one.instructor, one.location, price].filter(Boolean).join(" · ")),
        one.description ? h("p", {}, one.description) : null,
        waiting
          ? h("p", { class: "soft" }, "When a seat becomes free and it is your turn, the link that you get now lets you take it.")
          : null,
      );
    }

    field(label, props) {
      const id = `greenroom-${props.name}-${(Widget.fields = (Widget.fields || 0) + 1)}`;
      const input = h("input", { id, "aria-describedby": `${id}-wrong`, ...props });
      const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
      const optional = props.required ? null : h("span", { class: "soft" }, " (optional)");
      const node = h("div", {}, h("label", { for: id }, label, optional), input, wrong);
      const tell = (text) => {
        wrong.textContent = text || "";
        wrong.hidden = !text;
        input.setAttribute("aria-invalid", String(Boolean(text)));
      };
      input.addEventListener("input", () => tell(null));
      return { node, input, tell };
    }

    valid({ name, email }) {
      name.tell(name.input.value.trim() ? null : "Please say your name.");
      const address = email.input.value.trim();
      email.tell(/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) ? null : "Please give an e-mail address, such as robin@example.com.");
      const first = [name, email].find((field) => field.input.getAttribute("aria-invalid") === "true");
      first?.input.focus();
      return !first;
    }

    refuse(refused, { one, waiting, fields, notice }) {
      let first = null;
      for (const { field } of refused.errors) {
        if (!fields[field]) continue;
        fields[field].tell("This cannot be right. Please check it.");
        first = first || fields[field].input;
      }
      notice.replaceChildren(h("p", { class: "notice bad" }, this.words(refused)));
      const other = { CLASS_FULL: true, CLASS_NOT_FULL: false }[refused.code];
      if (other !== undefined && other !== waiting) {
        const label = other ? "Join the waitlist instead" : "Book the free seat";
        const go = () => {
          const shown = this.form(one, other);
          const inputs = shown[1].elements;
          for (const name of Object.keys(fields)) inputs[name].value = fields[name].input.value;
          this.show(shown);
        };
        notice.append(h("p", { class: "actions" }, h("button", { type: "button", class: "plain", onclick: go }, label)));
      }
      first?.focus();
    }

    // --- One booking -------------------------------------------------------------------------

    booked({ booking, manageToken }) {
      const link = `${location.origin}${location.pathname}${location.search}#greenroom=${manageToken}`;
      const copied = h("span", { class: "soft", role: "status" });
      const copy = async () => {
        try {
          await navigator.clipboard.writeText(link);
          copied.textContent = "Copied.";
        } catch {
          copied.textContent = "Press the link for long, or with the right button, to copy it.";
        }
      };
      const waiting = booking.bookingStatus === "waitlisted";
      return [
        this.heading(waiting ? "You are on the waitlist" : "You are booked"),
        h(
          "div",
          { class: "card" },
          this.facts(booking),
          h(
            "div",
            { class: "notice" },
            h("p", {}, waiting ? "Keep this link: it shows whether a seat is offered to you." : "Keep this link: with it you can cancel."),
            h("p", {}, h("a", { href: link, "data-manage": true }, "Your booking's own link")),
          ),
          h(
            "div",
            { class: "actions" },
            h("button", { type: "button", onclick: copy }, "Copy the link"),
            h("button", { type: "button", class: "plain", onclick: () => this.home() }, "See all classes"),
            copied,
          ),
        ),
      ];
    }

    facts(booking) {
      const rows = [
        ["Class", booking.className],
        ["When", `${this.day(booking.startsAt)}, ${this.hours(booking)}`],
        ["With", booking.instructor],
        ["Where", booking.location],
        ["Status", this.status(booking)],
        ["Place", booking.waitlistPosition ? `${booking.waitlistPosition} on the waitlist` : null],
        ["To pay", booking.amountCents && ["pending", "failed"].includes(booking.paymentStatus) ? `${money(booking.amountCents, booking.currency)} at the studio` : null],
        ["Fee", booking.feeCents ? money(booking.feeCents, booking.currency) : null],
      ];
      return h(
        "dl",
        { class: "facts" },
        rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
      );
    }

    status({ bookingStatus, expiresAt }) {
      const words = {
        pending: "Waiting for the payment",
        confirmed: "Booked",
        waitlisted: "On the waitlist",
        offered: expiresAt ? `A seat is yours until ${this.moment(expiresAt)}` : "A seat is offered to you",
        cancelled: "Cancelled",
        late_cancelled: "Cancelled late",
        attended: "Attended",
        no_show: "Missed",
        expired: "Not taken in time",
      };
      return words[bookingStatus] || bookingStatus;
    }

    /** What a link shows: the booking, and what may become of it. */
    managed(token, booking) {
      const may = booking.allowed || [];
      const notice = h("div", { role: "alert" });
      const act = (path, said) => () =>
        this.load(
          async () => {
            const now = await this.ask("POST", `/bookings/${token}/${path}`, {});
            this.say(said);
            return this.managed(token, now);
          },
          { focus: true },
        );
      const sure = () => {
        const late = booking.lateCancelAt && new Date(booking.lateCancelAt) <= new Date();
        const text = late && booking.bookingStatus === "confirmed"
          ? "It is late to cancel: the studio may charge a fee. Cancel all the same?"
          : "Cancel this booking?";
        const keep = h("button", { type: "button", class: "plain", onclick: () => this.show(this.managed(token, booking)) }, "Keep it");
        const go = h("button", { type: "button", class: "bad", onclick: act("cancel", "Cancelled.") }, "Yes, cancel");
        notice.replaceChildren(h("div", { class: "notice bad" }, h("p", {}, text)), h("p", { class: "actions" }, go, keep));
        actions.hidden = true;
        keep.focus();
      };
      const actions = h(
        "div",
        { class: "actions" },
        may.includes("confirm") ? h("button", { type: "button", onclick: act("confirm", "Booked.") }, "Take the seat") : null,
        may.includes("cancel") ? h("button", { type: "button", class: "bad", onclick: sure }, "Cancel this booking") : null,
        h("button", { type: "button", class: "plain", onclick: () => this.home() }, "See all classes"),
      );
      return [
        this.heading("Your booking"),
        h("div", { class: "card" }, this.facts(booking), this.zoneNote(), notice, actions),
      ];
    }
  }

  /** The page's language, if it is one. */
  function locale(told) {
    try {
      return Intl.getCanonicalLocales(told)[0] || "en";
    } catch {
      return "en";
    }
  }

  /** The month so many after another one: `later("2026-11", 2)` is `2027-01`. */
  function later(month, by) {
    const [year, number] = month.split("-").map(Number);
    return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
  }

  const start = () => {
    const { key, api } = script.dataset;
    new Widget(host(), { key: key || "", api: api || new URL(script.src).origin }).open();
  };
  start();
})();
