"use strict";

// mountGraphiQL shows GraphiQL in an element, with what it asks by fetcher. It gives {teller, open}: teller gives what shows words in the
// line under the answer, a list of them, in the tab that is open at the time; open opens a tab with {name, query, variables}, of one
// operation. schemaRead gets each schema that it reads.
const mountGraphiQL = (element, { fetcher, schemaRead }) => {
  const { React, ReactDOM, GraphiQL, GraphiQLPluginExplorer } = window;
  const h = React.createElement;
  const words = new Map(); // by the id of the tab
  const none = [];
  let shown = () => {};
  let editor = null;
  let opening = null; // what is to be in the tab that comes
  const fill = ({ name, query, variables }) => {
    editor.queryEditor.setValue(query);
    editor.setOperationName(name); // which GraphiQL itself finds out a while later
    if (Object.keys(variables).length > 0) {
      element.querySelector(".graphiql-editor-tools [data-name=variables]").click();
      editor.variableEditor.setValue(JSON.stringify(variables, null, 2));
    }
    editor.queryEditor.focus();
  };
  const subscribe = (listener) => {
    shown = listener;
    return () => { shown = () => {}; };
  };

  const openTab = () => editor.tabs[editor.activeTabIndex]?.id;

  // The line is rendered within GraphiQL, and so knows its editors.
  const Line = () => {
    editor = GraphiQL.React.useEditorContext({ nonNull: true });
    const line = React.useSyncExternalStore(subscribe, () => words.get(openTab()) ?? none);
    React.useEffect(() => {
      if (opening !== null) {
        fill(opening);
        opening = null;
      }
    }, [editor.tabs.length]);
    return h("p", { id: "cost", role: "status" }, line.join(" · ") || "What an answer costs stands here.");
  };

  ReactDOM.createRoot(element).render(h(GraphiQL, {
    fetcher,
    plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
    onSchemaChange: schemaRead,
    // What others keep under GraphiQL's own names on this port stays theirs.
    storage: GraphiQL.createLocalStorage({ namespace: "ownql" }),
    shouldPersistHeaders: false,
    defaultQuery: `# You, once signed in. What else there
# is to ask for stands under Start with,
# above, and under Docs, on the left.
query Viewer {
  viewer {
    id
    email
    firstName
    lastName
  }
}
`,
  }, h(GraphiQL.Footer, null, h(Line))));

  return {
    teller: () => {
      const tab = openTab();
      return (line) => {
        words.set(tab, line);
        shown();
      };
    },
    open: (start) => {
      // What has just been typed is in the editor, and not in the tab yet.
      const now = (tab, i) => (i === editor.activeTabIndex ? editor.queryEditor.getValue() : tab.query);
      const at = editor.tabs.findIndex((tab, i) => now(tab, i) === start.query);
      if (at === editor.activeTabIndex) {
        editor.queryEditor.focus();
        return;
      }
      if (at >= 0) {
        editor.changeTab(at);
        return;
      }
      opening = start;
      editor.addTab();
    },
  };
};

// costOf puts into words what an answer says of its cost, where it does, and how long it took, in milliseconds.
const costOf = (answer, milliseconds) => {
  const several = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const cost = answer?.extensions?.cost;
  const took = `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  if (!cost) {
    return [took];
  }
  const line = [several(cost.calls, "DynamoDB call"), several(cost.items, "item"), several(cost.readUnits, "read unit")];
  if (cost.writeUnits > 0) {
    line.push(several(cost.writeUnits, "write unit"));
  }
  line.push(took);
  for (const { path, examined, returned, advice } of cost.lists ?? []) {
    if (advice) {
      line.push(`${path} examined ${examined} to return ${returned}: ${advice}`);
    }
  }
  return line;
};
