"use strict";
{
  const byId = (id) => document.getElementById(id);
  const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

  // GraphiQL's dialogs add a style element of their own; this global is where
  // the library that does so looks for the nonce that the page's policy asks for.
  window.__webpack_nonce__ = document.currentScript.nonce;

  // Who is signed in, {email}, or null. What proves it is a cookie that no script
  // can read; this is what the page remembers of it through a reload.
  const storageKey = "ownql.session";
  let session = JSON.parse(sessionStorage.getItem(storageKey));

  const notify = (text) => {
    byId("notice").textContent = text;
  };

  // show puts name (which may be empty) and email into the bar, or, where there
  // is no session, the buttons that make one.
  const show = (name) => {
    byId("signed-out").hidden = session !== null;
    byId("signed-in").hidden = session === null;
    const strong = document.createElement("b");
    const faint = document.createElement("span");
    strong.textContent = name || "";
    faint.textContent = session ? session.email : "";
    byId("who").replaceChildren("", strong, " ", faint);
    byId("who").title = faint.textContent;
  };

  const enter = (email) => {
    session = { email };
    sessionStorage.setItem(storageKey, JSON.stringify(session));
    notify("");
    show();
    byId("who").focus();
    return introduce();
  };

  const leave = (reason) => {
    session = null;
    sessionStorage.removeItem(storageKey);
    show();
    notify(reason);
  };

  // post sends JSON and gives {status, body}; body is null where the answer has
  // none. A server that does not answer, or not in JSON, is an Error in plain words.
  const post = async (path, content, headers = {}) => {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: content === undefined ? undefined : JSON.stringify(content),
      });
    } catch {
      throw new Error("The server cannot be reached. Is it still running?");
    }
    const text = await response.text();
    try {
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    } catch {
      throw new Error(`The server answered ${response.status}, and not in JSON.`);
    }
  };

  // query runs one GraphQL request, by the cookie unless its headers have a token,
  // and gives the body of the answer.
  const query = async (params, headers = {}) => {
    const asked = session;
    const own = asked !== null && !Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
    const { status, body } = await post("/graphql", params, {
      Accept: "application/graphql-response+json, application/json;q=0.9",
      ...headers,
    });
    if (status === 401 && own && session === asked) {
      leave("Your session has ended. Please sign in again.");
    } else if (status === 401 && session === null) {
      notify("Sign in or sign up to run this.");
    }
    return body;
  };

  // introduce asks the server who is signed in, which also finds out whether the
  // session is still good. A schema without these fields leaves the bar as it is.
  const introduce = async () => {
    try {
      const answer = await query({ query: "{ viewer { email firstName lastName } }" });
      const viewer = answer?.data?.viewer;
      if (viewer && session) {
        session.email = viewer.email;
        show(`${viewer.firstName} ${viewer.lastName}`.trim());
      }
    } catch (error) {
      notify(wordsOf(error));
    }
  };

  // Both forms name their fields as the server does, and get the same answer.
  const onSubmit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (form.ariaBusy === "true") {
      return;
    }
    const alarm = form.querySelector(".error");
    alarm.textContent = "";
    form.ariaBusy = "true";
    try {
      const fields = Object.fromEntries(new FormData(form));
      const { status, body } = await post(form.getAttribute("action"), { ...fields, cookie: true });
      if (status === 202) { // the email has to be verified first
        form.reset();
        form.hidePopover();
        notify(body.message);
        return;
      }
      if (status !== 200 && status !== 201) {
        throw new Error(body?.error?.message || "The server gave no reason.");
      }
      form.reset();
      form.hidePopover();
      enter(fields.email);
    } catch (error) {
      alarm.textContent = wordsOf(error);
    } finally {
      form.ariaBusy = "false";
    }
  };

  const onSignOut = async () => {
    try {
      await post("/logout");
    } catch (error) {
      notify(wordsOf(error));
      return;
    }
    leave("You are signed out.");
    byId("signed-out").firstElementChild.focus();
  };

  // An asset of the CDN's that cannot be fetched, or is not what its integrity
  // attribute says, reports an error; one that hangs reports nothing for long.
  let broken = false;
  const fallBack = (needed = true) => {
    byId("fallback").hidden = !needed;
    byId("graphiql").hidden = needed;
  };
  const mount = () => {
    if (broken || !window.GraphiQL) {
      fallBack();
      return;
    }
    fallBack(false);
    const { React, ReactDOM, GraphiQL } = window;
    ReactDOM.createRoot(byId("graphiql")).render(React.createElement(GraphiQL, {
      fetcher: async (params, options) => {
        try {
          return await query(params, options?.headers);
        } catch (error) {
          return { errors: [{ message: wordsOf(error) }] };
        }
      },
      // What others keep under GraphiQL's own names on this port stays theirs.
      storage: GraphiQL.createLocalStorage({ namespace: "ownql" }),
      shouldPersistHeaders: false,
      defaultQuery: `# You, once signed in: the cookie
# goes along. Then, in a new tab:
# mutation { createTodo(input: {
#   title: "Weave" }) { todo { id } } }
query Viewer {
  viewer {
    id
    email
    firstName
    lastName
  }
}
`,
    }));
  };

  byId("sign-in").addEventListener("submit", onSubmit);
  byId("sign-up").addEventListener("submit", onSubmit);
  byId("sign-out").addEventListener("click", onSignOut);
  window.addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || target instanceof HTMLLinkElement) {
      broken = true;
      fallBack();
    }
  }, true);
  document.addEventListener("DOMContentLoaded", mount);
  setTimeout(() => {
    if (!window.GraphiQL) {
      fallBack();
    }
  }, 5000);
  byId("graphiql").firstElementChild.textContent = "Loading GraphiQL…";
  for (const element of document.querySelectorAll(".origin")) {
    element.textContent = location.origin;
  }

  show();
  if (session) {
    introduce();
  }
}
