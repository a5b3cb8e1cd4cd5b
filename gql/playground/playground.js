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

  const remember = () => sessionStorage.setItem(storageKey, JSON.stringify(session));

  const notify = (...words) => byId("notice").replaceChildren(...words);

  // mailed gives words on a mail, and where it is: the mailbox of dev, if there is one.
  const mailed = (text) => {
    const link = byId("mailbox")?.content.cloneNode(true);
    return link ? [`${text}: see `, link] : [`${text}.`];
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
    byId("who").title = `Your account: ${faint.textContent}`;
  };

  const enter = (email, ...notice) => {
    session = { email };
    remember();
    notify(...notice);
    show();
    byId("who").focus();
    return introduce();
  };

  const leave = (reason) => {
    session = null;
    sessionStorage.removeItem(storageKey);
    byId("account").hidePopover();
    show();
    notify(reason);
  };

  // depart leaves at the user's own wish.
  const depart = (reason) => {
    leave(reason);
    byId("signed-out").firstElementChild.focus();
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
        remember();
        show(`${viewer.firstName} ${viewer.lastName}`.trim());
      }
    } catch (error) {
      notify(wordsOf(error));
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

  const signIn = (form, notice) => onSubmit(form, async (fields) => {
    const { status, body } = await submit(form, { ...fields, cookie: true });
    form.hidePopover();
    if (status === 202) { // the email has to be verified first
      notify(...mailed(body.message));
    } else {
      enter(fields.email, ...notice);
    }
    return [];
  });

  const onSignOut = async () => {
    try {
      await post("/logout");
    } catch (error) {
      notify(wordsOf(error));
      return;
    }
    depart("You are signed out.");
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
# goes along. What else there is to
# ask for is under Docs, on the left.
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

  signIn(byId("sign-in"), []);
  signIn(byId("sign-up"), mailed("A mail to verify your email is on its way"));
  onSubmit(byId("forgot"), async (fields) => {
    const { body } = await submit(byId("forgot"), fields);
    return mailed(body.message);
  });
  byId("forgotten").addEventListener("click", () => {
    const { email } = Object.fromEntries(new FormData(byId("sign-in")));
    byId("sign-in").hidePopover();
    wipe(byId("forgot"));
    byId("forgot").showPopover();
    byId("forgot").querySelector("input").value = email;
  });
  runAccount({ query, refusal, wipe, onSubmit, mailed, introduce, depart });
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
