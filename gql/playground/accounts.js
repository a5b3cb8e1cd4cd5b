"use strict";

// newAccounts keeps the accounts that are signed in, several at once, for all tabs that a page of this store has; which of them a
// tab asks as is the tab's own. An account is {key, email, name}. What proves its session are tokens, {access, refresh}, of
// which the access token is renewed by the refresh token once it has run out. store names the data that the server has: another
// project's page, at the same address, keeps its own. post sends JSON; isOurs asks whether the server still is that store's; changed is
// called whenever any of the accounts has changed, by another tab too.
const newAccounts = ({ store, post, isOurs, changed }) => {
  const listName = `ownql.${store}.accounts`; // of localStorage
  const mineName = `ownql.${store}.account`; // of sessionStorage, and of localStorage for tabs to come
  const tokensName = (key) => `ownql.${store}.tokens.${key}`; // of localStorage, and of the lock by which it is written

  // parse reads what is stored, which may be of something else on this port; it gives null where it is no JSON.
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };
  const areStrings = (value, names) => names.every((name) => typeof value?.[name] === "string");
  const listIn = (text) => {
    const list = parse(text);
    return Array.isArray(list) ? list.filter((account) => areStrings(account, ["key", "email", "name"])) : [];
  };
  const all = () => listIn(localStorage.getItem(listName));
  const keep = (list) => {
    localStorage.setItem(listName, JSON.stringify(list));
    changed();
  };
  const find = (key) => all().find((account) => account.key === key) ?? null;
  const isOf = (email) => (account) => account.email.toLowerCase() === email.toLowerCase();

  const tokensOf = (key) => {
    const tokens = parse(localStorage.getItem(tokensName(key)));
    return areStrings(tokens, ["access", "refresh"]) ? tokens : null;
  };
  const keepTokens = (key, body) =>
    localStorage.setItem(tokensName(key), JSON.stringify({ access: body.access_token, refresh: body.refresh_token }));
  // alone has one tab, or request, at a time deal with an account's tokens.
  const alone = (key, act) => navigator.locks.request(tokensName(key), act);
  const forget = (key) => alone(key, () => localStorage.removeItem(tokensName(key)));

  // A tab is of one account from when it is loaded, whatever others choose.
  let mine = sessionStorage.getItem(mineName) ?? localStorage.getItem(mineName);
  const pin = (key) => {
    mine = key;
    sessionStorage.setItem(mineName, key);
  };
  if (mine !== null) {
    pin(mine);
  }
  const choose = (key) => {
    pin(key);
    localStorage.setItem(mineName, key);
  };

  const update = (key, values) => keep(all().map((account) => (account.key === key ? { ...account, ...values } : account)));
  const remove = (key) => {
    keep(all().filter((account) => account.key !== key));
    forget(key);
  };

  // renewed gives the access token after one that is not good any more; null: the session has ended. A refresh token is good once,
  // so one tab at a time uses it.
  const renewed = (key, access) => alone(key, async () => {
    const tokens = tokensOf(key);
    if (tokens?.access !== access) {
      return tokens?.access ?? null; // another tab, or request, has been here
    }
    if (!await isOurs()) {
      throw new Error("Another project's server is at this address by now. Load the page again.");
    }
    const { status, body } = await post("/refresh", { refresh_token: tokens.refresh });
    if (status === 200) {
      keepTokens(key, body);
      return body.access_token;
    }
    if (status === 401) {
      return null;
    }
    throw new Error(body?.error?.message ?? `The server answered ${status}.`);
  });

  window.addEventListener("storage", ({ key, oldValue }) => {
    if (key !== listName && key !== null) { // null: all is cleared
      return;
    }
    // Who has signed in again in another tab has another session there, and this tab goes on by it.
    const before = listIn(oldValue).find((account) => account.key === mine);
    const next = before && find(mine) === null ? all().find(isOf(before.email)) : undefined;
    if (next) {
      pin(next.key);
    }
    changed();
  });

  // send posts as an account, {status, body, hasEnded}: once more with another token where the server wants one. hasEnded: the session
  // has.
  const send = async (account, path, content, headers = {}, signal = undefined) => {
    const by = (access) => post(path, content, { ...headers, Authorization: `Bearer ${access}` }, signal);
    const access = tokensOf(account.key)?.access;
    if (access === undefined) { // it was signed out in another tab, just now
      return { status: 401, body: { errors: [{ message: "The session has ended." }] }, hasEnded: true };
    }
    const answer = await by(access);
    if (answer.status !== 401) {
      return answer;
    }
    const next = await renewed(account.key, access);
    return next === null ? { ...answer, hasEnded: true } : by(next);
  };

  return {
    all,
    current: () => find(mine),
    update,
    remove,
    send,

    // add signs an account in by the tokens of an answer, and ends the session that the list had of it; the tab asks as it from
    // now on.
    add: async (email, body) => {
      const isSame = isOf(email);
      const replaced = all().filter(isSame);
      const key = crypto.randomUUID(); // whose lock nobody else can have
      keepTokens(key, body);
      choose(key);
      keep([...all().filter((account) => !isSame(account)), { key, email, name: "" }]);
      for (const account of replaced) {
        await send(account, "/logout").catch(() => {}); // it ends by itself
        await forget(account.key);
      }
    },

    switchTo: (key) => {
      choose(key);
      changed();
    },
  };
};
