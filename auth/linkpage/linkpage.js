"use strict";
{
  const form = document.querySelector("form");
  const buttons = form.querySelectorAll("button");
  const error = document.getElementById("error");
  const proof = document.getElementById("proof");
  const signup = document.getElementById("signup");

  // send gives what went wrong: a message, and the field that it is about, if it is one's; nothing
  // where all went well.
  const send = async (content) => {
    let response;
    try {
      response = await fetch(location.pathname, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
      });
    } catch {
      return { message: "The server cannot be reached. Try again." };
    }
    if (response.ok) {
      return null;
    }
    const body = await response.json().catch(() => null);
    return body?.error ?? { message: `The server answered ${response.status}.` };
  };

  // askForProof shows the field of the account's password, once the server wants it.
  const askForProof = () => {
    proof.hidden = false;
    const input = proof.querySelector("input");
    input.disabled = false;
    input.focus();
  };

  // askForAccount shows the fields of which an account is made, once the server wants one.
  const askForAccount = () => {
    signup.hidden = false;
    signup.disabled = false;
    signup.querySelector("input").focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
    const isDisowned = event.submitter?.name === "notMe";
    const content = isDisowned ? { token, notMe: true } : { token, ...Object.fromEntries(new FormData(form)) };
    buttons.forEach((button) => { button.disabled = true; });
    const problem = await send(content);
    buttons.forEach((button) => { button.disabled = false; });
    if (problem !== null) {
      error.textContent = problem.message;
      if (signup !== null && signup.hidden && problem.field === "firstName") {
        askForAccount();
      } else if (signup?.hidden !== false && problem.field !== undefined && problem.field === proof?.querySelector("input").name) {
        askForProof();
      }
      return;
    }
    history.replaceState(null, "", location.pathname); // the token is used up
    form.hidden = true;
    const done = document.getElementById(isDisowned ? "disowned" : "done");
    done.hidden = false;
    done.focus();
  });
}
