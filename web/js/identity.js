// Who is signed in: Clerk itself, or the laptop cloud's stand-in that speaks the same protocol.

const LOCAL_KEY = "pk_local_";
const LOOPBACK = ["127.0.0.1", "localhost"];
// Session tokens live 60 s; a cached one is handed out for at most 45 s of that.
const TOKEN_FRESH_MS = 45_000;
const RETURN_KEY = "greenroom_after_sign_in";

/** Whether this is the laptop cloud, with stand-ins for the outside parties. */
export const isLocal = ({ clerkPublishableKey: key }) => (key ?? "").startsWith(LOCAL_KEY);

/** Pick the identity for a publishable key. Both kinds offer the same six functions. */
export async function openIdentity(config) {
  const key = config.clerkPublishableKey ?? "";
  const identity = isLocal(config) ? standIn(config) : await clerk(key, config);
  return { ...identity, ...tokenCache(identity) };
}

/** The place in the page that a person wanted before signing in; read once. */
export function takeReturnPlace() {
  const place = sessionStorage.getItem(RETURN_KEY);
  sessionStorage.removeItem(RETURN_KEY);
  return place;
}

function rememberPlace() {
  if (location.hash) sessionStorage.setItem(RETURN_KEY, location.hash);
  return location.origin + location.pathname;
}

function tokenCache({ freshToken }) {
  let cached = null;
  let pending = null;
  let onExpired = () => {};
  const renewToken = async () => {
    const jwt = await freshToken();
    cached = jwt ? { jwt, until: Date.now() + TOKEN_FRESH_MS } : null;
    return jwt;
  };
  return {
    /** A token that is still good, or null when signed out. */
    async token({ renew = false } = {}) {
      if (!renew && cached && cached.until > Date.now()) return cached.jwt;
      // Parallel requests share one renewal.
      pending ??= renewToken().finally(() => (pending = null));
      return pending;
    },
    forget: () => (cached = null),
    expired: () => onExpired(),
    whenExpired: (listener) => (onExpired = listener),
  };
}

function standIn(config) {
  const { origin } = besideUs(config.signInUrl);
  const call = (path) => fetch(origin + path, { method: "POST", credentials: "include" });
  narrowScripts("");
  return {
    async freshToken() {
      const response = await call("/v1/client/sessions/token");
      return response.ok ? (await response.json()).jwt : null;
    },
    signIn: () => location.assign(withReturn(config.signInUrl)),
    signUp: () => location.assign(withReturn(config.signUpUrl ?? config.signInUrl)),
    signOut: () => call("/v1/client/sign-out"),
    profileUrl: config.userProfileUrl || null,
  };
}

/** The stand-in under the name that this page was opened by: its cookie belongs to a host. */
function besideUs(address) {
  const url = new URL(address, location.href);
  if (LOOPBACK.includes(location.hostname) && LOOPBACK.includes(url.hostname)) {
    url.hostname = location.hostname;
  }
  return url;
}

function withReturn(address) {
  const url = besideUs(address);
  url.searchParams.set("redirect_url", rememberPlace());
  return url.href;
}

async function clerk(key, config) {
  const host = frontendHost(key);
  narrowScripts(`https://${host} https://challenges.cloudflare.com`);
  await loadScript(`https://${host}/npm/@clerk/clerk-js@5/dist/clerk.browser.js`, key);
  const instance = window.Clerk;
  await instance.load({ signInUrl: config.signInUrl, signUpUrl: config.signUpUrl });
  return {
    freshToken: async () => (await instance.session?.getToken({ skipCache: true })) ?? null,
    signIn: () => instance.redirectToSignIn({ signInForceRedirectUrl: rememberPlace() }),
    signUp: () => instance.redirectToSignUp({ signUpForceRedirectUrl: rememberPlace() }),
    signOut: () => instance.signOut(),
    profileUrl: config.userProfileUrl || null,
  };
}

/** Clerk: a publishable key is `pk_<test|live>_` and base64 of the frontend host with `$`. */
function frontendHost(key) {
  const host = atob(key.split("_")[2] ?? "").replace(/\$$/, "");
  if (!/^[a-z0-9.-]+$/i.test(host)) throw new Error("The Clerk publishable key is not valid.");
  return host;
}

/** Policies add up, so a second one narrows the page's first to the one host that is needed. */
function narrowScripts(hosts) {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `script-src 'self' ${hosts}`.trim();
  document.head.append(meta);
}

function loadScript(source, publishableKey) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: source, async: true, crossOrigin: "anonymous" });
    script.dataset.clerkPublishableKey = publishableKey;
    script.onload = resolve;
    script.onerror = () => reject(new Error("The sign-in service cannot be reached."));
    document.head.append(script);
  });
}
