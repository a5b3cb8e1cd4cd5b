"use strict";
{
  const byId = (id) => document.getElementById(id);
  const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

  // GraphiQL's dialogs add a style element of their own; this global is where
  // the library that does so looks for the nonce that the page's policy asks for.
  window.__webpack_nonce__ = document.currentScript.nonce;

  // What GraphiQL's settings were set to holds for the bar before GraphiQL is there, too.
  const theme = localStorage.getItem("ownql:graphiql:theme");
  if (theme === "light" || theme === "dark") {
    document.body.classList.add(`graphiql-${theme}`);
  }

  const notify = (...words) => byId("notice").replaceChildren(...words);

  // mailed gives words on a mail, and where it is: the mailbox of dev, if there is one.
  const mailed = (text) => {
    const link = byId("mailbox")?.content.cloneNode(true);
    return link ? [`${text}: see `, link] : [`${text}.`];
  };

  // post sends JSON and gives {status, body}; body is null where the answer has
  // none. A server that does not answer, or not in JSON, is an Error in plain words. No cookie goes along: who
  // asks is who the bar says.
  const post = async (path, content, headers = {}, signal = undefined) => {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json", ...headers },
        body: content === undefined ? undefined : JSON.stringify(content),
        signal,
      });
    } catch (error) {
      throw signal?.aborted ? signal.reason : new Error("The server cannot be reached. Is it still running?");
    }
    const text = await response.text();
    try {
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    } catch {
      throw new Error(`The server answered ${response.status}, and not in JSON.`);
    }
  };

  // isOurs tells whether the server's own page is of the store that this one is of.
  const { store } = document.documentElement.dataset;
  const isOurs = async () => {
    try {
      const page = await fetch("/", { credentials: "omit", cache: "no-store" });
      return (await page.text()).includes(` data-store="${store}"`);
    } catch {
      throw new Error("The server cannot be reached. Is it still running?");
    }
  };
  const accounts = newAccounts({ store, post, isOurs, changed: () => show() });

  // What is asked for as the account that is current ends with that: its answer is not the next one's.
  let asking = new AbortController();
  const endAsking = () => {
    asking.abort();
    asking = new AbortController();
  };
  const unanswered = ({ query }) => new Error(`You have switched accounts before this was answered. ${/\bmutation\b/.test(query)
    ? "It may have been carried out all the same: look before you run it again."
    : "Run it again."}`);

  // show puts the current account into the bar, or, where there is none, the buttons that make one, and the others
  // into their lists.
  const show = () => {
    const account = accounts.current();
    byId("signed-out").hidden = account !== null;
    byId("signed-in").hidden = account === null;
    if (account === null && byId("account").matches(":popover-open")) {
      byId("account").hidePopover();
    }
    byId("who").replaceChildren(...namesOf(account ?? { name: "", email: "" }));
    byId("who").title = `Your account: ${account?.email ?? ""}`;
    const others = accounts.all().filter(({ key }) => key !== account?.key);
    for (const list of document.querySelectorAll(".accounts")) {
      list.hidden = others.length === 0;
      list.replaceChildren(...others.map((other) => {
        const [item, button] = [document.createElement("li"), document.createElement("button")];
        button.type = "button";
        button.ariaLabel = `${list.ariaLabel} ${other.name} ${other.email}`;
        button.replaceChildren(...namesOf(other));
        button.addEventListener("click", () => switchTo(other));
        item.append(button);
        return item;
      }));
    }
  };

  // namesOf gives the name, which may be empty, and the email of an account.
  const namesOf = ({ name, email }) => {
    const [strong, faint] = [document.createElement("b"), document.createElement("span")];
    strong.textContent = name;
    faint.textContent = email;
    return ["", strong, " ", faint];
  };

  const closeCards = () => document.querySelectorAll(":popover-open").forEach((card) => card.hidePopover());

  const switchTo = (account) => {
    endAsking();
    closeCards();
    accounts.switchTo(account.key);
    notify(`You go on as ${account.email}.`);
    byId("who").focus();
    introduce();
  };

  const enter = (email, body, ...notice) => {
    endAsking();
    closeCards();
    accounts.add(email, body);
    notify(...notice);
    byId("who").focus();
    introduce();
  };

  // leave takes an account out, and says why where it was the current one. null: it is out already.
  const leave = (account, reason) => {
    const isCurrent = (accounts.current() ?? account)?.key === account?.key; // its end may be known already
    if (account !== null) {
      accounts.remove(account.key);
    }
    if (isCurrent) {
      endAsking();
      notify(reason);
    }
  };

  // depart leaves at the user's own wish.
  const depart = (account, reason) => {
    leave(account, reason);
    byId("signed-out").firstElementChild.focus();
  };

  const hasToken = (headers) => Object.keys(headers).some((name) => name.toLowerCase() === "authorization");

  // query runs one GraphQL request, as the current account unless its headers have a token,
  // and gives the body of the answer. It throws where the account is not the current one any more.
  const query = async (params, headers = {}) => {
    const account = accounts.current();
    const { signal } = asking;
    const own = account !== null && !hasToken(headers);
    const told = { Accept: "application/graphql-response+json, application/json;q=0.9", ...headers };
    let answer;
    try {
      answer = await (own ? accounts.send(account, "/graphql", params, told, signal) : post("/graphql", params, told, signal));
      signal.throwIfAborted();
    } catch (error) {
      throw signal.aborted ? unanswered(params) : error;
    }
    const { status, body, hasEnded } = answer;
    if (hasEnded) {
      leave(account, "Your session has ended. Please sign in again.");
    } else if (status === 401 && account === null) {
      notify("Sign in or sign up to run this.");
    }
    return body;
  };

  // introduce asks the server who is signed in, which also finds out whether the
  // session is still good. A schema without these fields leaves the bar as it is.
  const introduce = async () => {
    const account = accounts.current();
    const { signal } = asking;
    try {
      const answer = await query({ query: "{ viewer { email firstName lastName } }" });
      const viewer = answer?.data?.viewer;
      if (viewer && account !== null) {
        accounts.update(account.key, { email: viewer.email, name: `${viewer.firstName} ${viewer.lastName}`.trim() });
      }
    } catch (error) {
      if (!signal.aborted) {
        notify(wordsOf(error));
      }
    }
  };

  // What the server refuses: {message}, and the input's {field} where it is one's.
  const refusal = ({ message, field }) => Object.assign(new Error(message), { field });

  // wipe takes away what a form says of what was last tried with it.
  const wipe = (form) => {
    form.querySelectorAll(".error, .done").forEach((element) => element.replaceChildren());
    form.querySelectorAll("input").forEach((input) => input.removeAttribute("aria-invalid"));
  };

  // onSubmit has send take a form's fields, named as the server names them, and the
  // button. The words that send gives are shown in the form, or what it throws, at the
  // input that is at fault.
  const onSubmit = (form, send) => form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") {
      return;
    }
    wipe(form);
    form.ariaBusy = "true";
    try {
      const words = await send(Object.fromEntries(new FormData(form, event.submitter)), event.submitter);
      form.reset();
      form.querySelector(".done")?.replaceChildren(...words);
    } catch (error) {
      form.querySelector(".error").textContent = wordsOf(error);
      const input = form.querySelector(`input[name="${error.field}"]`);
      input?.setAttribute("aria-invalid", "true");
      input?.select();
    } finally {
      form.ariaBusy = "false";
    }
  });

  // submit posts fields to where the form says, and gives the answer.
  const submit = async (form, fields) => {
    const answer = await post(form.getAttribute("action"), fields);
    if (answer.status >= 300) {
      throw refusal(answer.body?.error ?? { message: "The server gave no reason." });
    }
    return answer;
  };

  // signIn has a form open a session, of which notice gives the words for the bar.
  const signIn = (form, notice) => onSubmit(form, async (fields) => {
    const { status, body } = await submit(form, fields);
    if (status === 202) { // the email has to be verified first
      form.hidePopover();
      notify(...mailed(body.message));
    } else {
      enter(fields.email, body, ...notice());
    }
    return [];
  });

  const onSignOut = async () => {
    const account = accounts.current();
    if (account === null) { // in another tab, just now
      return;
    }
    try {
      const { status, body } = await accounts.send(account, "/logout");
      if (status >= 300 && status !== 401) {
        throw new Error(body?.error?.message ?? `The server answered ${status}.`);
      }
    } catch (error) {
      notify(wordsOf(error));
      return;
    }
    depart(account, "You are signed out.");
  };

  // open shows a card in the place of those that are open, with an email that need not be typed again.
  const open = (card, email = "") => {
    closeCards();
    wipe(card);
    card.showPopover();
    card.querySelector("[name=email]").value = email;
  };

  // showStarts lists what a schema has to begin with.
  const showStarts = (schema, graphiql) => {
    byId("start").hidden = !schema;
    byId("starts").querySelector("dl").replaceChildren(...(schema ? startsOf(schema) : []).flatMap(({ type, starts }) => {
      const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = type;
      detail.replaceChildren(...starts.map((start) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = start.label;
        button.title = start.title;
        button.ariaLabel = `${start.label}: ${start.title}`;
        button.addEventListener("click", () => {
          byId("starts").hidePopover();
          graphiql().open(start);
        });
        return button;
      }));
      return [term, detail];
    }));
  };

  // An asset of the CDN's that cannot be fetched, or is not what its integrity
  // attribute says, reports an error; one that hangs reports nothing for long.
  let broken = false;
  const fallBack = (needed = true) => {
    byId("fallback").hidden = !needed;
    byId("graphiql").hidden = needed;
  };
  const isLoaded = () => window.GraphiQL && window.GraphiQLPluginExplorer;
  const mount = () => {
    if (broken || !isLoaded()) {
      fallBack();
      return;
    }
    fallBack(false);
    const graphiql = mountGraphiQL(byId("graphiql"), {
      fetcher: async (params, options) => {
        const isIntrospection = params.operationName === "IntrospectionQuery"; // which is the same for all
        const [tell, begun] = [isIntrospection ? () => {} : graphiql.teller(), performance.now()];
        const who = hasToken(options?.headers ?? {}) ? "by the header's token" : `as ${accounts.current()?.email ?? "nobody"}`;
        try {
          const answer = isIntrospection ? (await post("/graphql", params, options?.headers)).body : await query(params, options?.headers);
          tell([...costOf(answer, performance.now() - begun), who]);
          return answer;
        } catch (error) {
          tell([]);
          return { errors: [{ message: wordsOf(error) }] };
        }
      },
      schemaRead: (schema) => showStarts(schema, () => graphiql),
    });
  };

  signIn(byId("sign-in"), () => []);
  signIn(byId("sign-up"), () => mailed("A mail to verify your email is on its way"));
  onSubmit(byId("forgot"), async (fields) => {
    const { body } = await submit(byId("forgot"), fields);
    return mailed(body.message);
  });
  const typedEmail = () => new FormData(byId("sign-in")).get("email");
  byId("forgotten").addEventListener("click", () => open(byId("forgot"), typedEmail()));
  byId("unknown").addEventListener("click", () => open(byId("sign-up"), typedEmail()));
  byId("add").addEventListener("click", () => open(byId("sign-in")));
  runAccount({ query, refusal, wipe, onSubmit, mailed, introduce, depart: (reason) => depart(accounts.current(), reason) });
  byId("sign-out").addEventListener("click", onSignOut);
  window.addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || target instanceof HTMLLinkElement) {
      broken = true;
      fallBack();
    }
  }, true);
  document.addEventListener("DOMContentLoaded", mount);
  // Another server may have another schema, see dev.js.
  document.addEventListener("ownql-server", () => {
    byId("graphiql").querySelector('[aria-label="Re-fetch GraphQL schema"]')?.click();
  });
  setTimeout(() => {
    if (!isLoaded()) {
      fallBack();
    }
  }, 5000);
  byId("graphiql").firstElementChild.textContent = "Loading GraphiQL…";
  for (const element of document.querySelectorAll(".origin")) {
    element.textContent = location.origin;
  }

  show();
  if (accounts.current()) {
    introduce();
  }
}
