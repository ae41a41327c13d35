// Hash routing: one view at a time, focus moves to its heading.

/**
 * `routes`: `[pattern, title, mount(root, params) -> cleanup?]`, the first match wins. What stands
 * after `?` in the hash is `params.query`.
 */
export class Router {
  constructor({ routes, root, onChange }) {
    Object.assign(this, { routes, root, onChange });
    this.cleanup = null;
    addEventListener("hashchange", () => this.show());
  }

  path() {
    return place().split("?", 1)[0];
  }

  go(target) {
    if (place() === target) this.show();
    else location.hash = target;
  }

  /** Mount the view of the present hash. */
  show({ focus = true } = {}) {
    const path = this.path();
    const found = this.routes.find(([pattern]) => pattern.test(path)) ?? this.routes.at(-1);
    const [pattern, title, mount] = found;
    this.cleanup?.();
    this.root.replaceChildren();
    document.title = `${title} · Greenroom`;
    const query = new URLSearchParams(place().slice(path.length));
    const params = { ...path.match(pattern)?.groups, query };
    this.cleanup = mount(this.root, params) ?? null;
    this.onChange(path);
    if (focus) this.focusHeading();
    scrollTo(0, 0);
  }

  /** For a view that loads before it has a heading: it gets the focus that waits for it. */
  headingCame() {
    if (document.activeElement === this.root) this.focusHeading();
  }

  focusHeading() {
    const heading = this.root.querySelector("h1");
    if (!heading) return this.root.focus();
    heading.tabIndex = -1;
    return heading.focus();
  }
}

function place() {
  return location.hash.replace(/^#/, "") || "/";
}
