"use strict";

// newAccounts keeps the accounts that are signed in, several at once, for all tabs of this origin; which of them a
// tab asks as is the tab's own. An account is {key, email, name, access, refresh}: what proves its session are tokens, of
// which the access token is renewed by the refresh token once it has run out. post sends JSON; changed is called whenever any of it
// has changed, by another tab too.
const newAccounts = ({ post, changed }) => {
  const listName = "ownql.accounts"; // of localStorage
  const mineName = "ownql.account"; // of sessionStorage, and of localStorage for tabs to come

  const all = () => {
    try {
      return JSON.parse(localStorage.getItem(listName)) ?? [];
    } catch {
      return []; // it is of something else on this port
    }
  };
  const keep = (list) => {
    localStorage.setItem(listName, JSON.stringify(list));
    changed();
  };
  const find = (key) => all().find((account) => account.key === key) ?? null;

  let mine = sessionStorage.getItem(mineName) ?? localStorage.getItem(mineName);
  const choose = (key) => {
    mine = key;
    sessionStorage.setItem(mineName, key);
    localStorage.setItem(mineName, key);
  };

  const update = (key, values) => keep(all().map((account) => (account.key === key ? { ...account, ...values } : account)));
  const tokensOf = (body) => ({ access: body.access_token, refresh: body.refresh_token });

  const remove = (key) => keep(all().filter((account) => account.key !== key));

  // renewed gives the access token after one that is not good any more; null: the session has ended, and the account is
  // removed. A refresh token is good once, so one tab at a time uses it.
  const renewed = (key, access) => navigator.locks.request(`${listName}.${key}`, async () => {
    const account = find(key);
    if (account === null || account.access !== access) {
      return account?.access ?? null; // another tab, or request, has been here
    }
    const { status, body } = await post("/refresh", { refresh_token: account.refresh });
    if (status === 200) {
      update(key, tokensOf(body));
      return body.access_token;
    }
    if (status === 401) {
      remove(key);
      return null;
    }
    throw new Error(body?.error?.message ?? `The server answered ${status}.`);
  });

  window.addEventListener("storage", ({ key }) => key === listName && changed());

  return {
    all,
    current: () => find(mine),
    update,
    remove,

    // add signs an account in by the tokens of an answer, in the place of a session that the list has of it, which
    // it gives; the tab asks as it from now on.
    add: (email, body) => {
      const isSame = (account) => account.email.toLowerCase() === email.toLowerCase();
      const replaced = all().find(isSame) ?? null;
      const key = crypto.randomUUID();
      choose(key);
      keep([...all().filter((account) => !isSame(account)), { key, email, name: "", ...tokensOf(body) }]);
      return replaced;
    },

    switchTo: (key) => {
      choose(key);
      changed();
    },

    // send posts as an account, {status, body}: once more with another token where the server wants one. A status of 401 is that
    // the session has ended.
    send: async (account, path, content, headers = {}, signal = undefined) => {
      const by = (access) => post(path, content, { ...headers, Authorization: `Bearer ${access}` }, signal);
      const { access } = find(account.key) ?? account;
      const answer = await by(access);
      if (answer.status !== 401) {
        return answer;
      }
      const next = await renewed(account.key, access);
      return next === null ? answer : by(next);
    },
  };
};
