// What the three clients have in common: the lists to show, which the test writes to standard input, a fetch that
// counts, and the reader of a screen, who asks for page after page.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { act, createElement } from "react";
import { create } from "react-test-renderer";

export const { url, token, project, lists, artifacts } = JSON.parse(readFileSync(0, "utf8"));

export const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };

let requests = 0;
let unanswered = 0;

/** countedFetch is fetch. Its answer is there whole, and an error among it ends the program. */
export async function countedFetch(input, init) {
  requests++;
  unanswered++;
  const response = await fetch(input, init);
  const text = await response.text();
  if (!response.ok || "errors" in JSON.parse(text)) {
    console.error(`${init.body}\n${response.status} ${text}`);
    process.exit(1);
  }
  unanswered--;
  return new Response(text, { status: response.status, headers: response.headers });
}

// What is on the screen.
let shown;

/**
 * show is what a screen calls after each render, with
 *   issues       what is shown, in its order
 *   totalCount   how many there are said to be
 *   hasMore      whether there is another page
 *   isLoading    whether that is not yet all
 *   loadMore()   asks for another page
 *   change(list) has another list shown
 */
export function show(screen) {
  shown = screen;
}

// Waits until nothing is asked for any more, and all that was answered is shown.
async function settle() {
  for (let quiet = 0; quiet < 2; ) {
    await act(() => pause(5));
    quiet = unanswered > 0 || shown?.isLoading !== false ? 0 : quiet + 1;
  }
}

/** read shows each list, pages through it, and prints what was shown after each page. */
export async function read(App) {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const found = [];
  for (const list of lists) {
    requests = 0;
    await act(() => (shown ? shown.change(list) : create(createElement(App))));
    await settle();
    const pages = [shown.issues.map((issue) => issue.title)];
    while (shown.hasMore && pages.length < list.pages) {
      await act(() => shown.loadMore());
      await settle();
      pages.push(shown.issues.map((issue) => issue.title));
    }
    found.push({ name: list.name, pages, hasMore: shown.hasMore, totalCount: shown.totalCount, requests });
  }
  console.log(JSON.stringify(found));
  process.exit(); // Relay has timers that go on for minutes
}
