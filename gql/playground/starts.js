"use strict";

// startsOf gives, for each type of a GraphQLSchema that has objects with ids, documents to begin with: {type, starts}, where
// a start is {label, title, name, query, variables}. It goes by the forms of Relay: connections, node, and mutations with an input.
const startsOf = (schema) => {
  const queryType = schema.getQueryType();
  const queries = queryType?.getFields() ?? {};
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

  const named = (type) => (type?.ofType ? named(type.ofType) : type);
  const isRequired = ({ type, defaultValue }) => type.toString().endsWith("!") && defaultValue === undefined;
  const isObject = (type) => typeof type?.getFields === "function" && "isTypeOf" in type;
  const isLeaf = (type) => typeof type?.serialize === "function";
  const isNode = (type) => isObject(type) && type.getInterfaces().some(({ name }) => name === "Node");
  const indented = (lines, depth) => lines.map((line) => "  ".repeat(depth) + line);

  // leaves are the fields of a type without fields of their own, which can be had without more.
  const leaves = (type) => Object.values(type.getFields())
    .filter((field) => isLeaf(named(field.type)) && !field.args.some(isRequired) && !field.deprecationReason)
    .map((field) => field.name);

  const bare = (type) => (type.toString().endsWith("!") ? type.ofType : type);

  // nodeOf gives the type of whose objects a field is a connection, if it is one: a list of connections is none, nor is what
  // cannot be asked for its first ones.
  const nodeOf = (field) => {
    const type = bare(field.type);
    const edge = isObject(type) && field.args.some(({ name }) => name === "first") ? named(type.getFields().edges?.type) : undefined;
    return isObject(edge) ? named(edge.getFields().node?.type) : undefined;
  };

  // block gives a field's lines, around those inside.
  const block = (head, lines) => [`${head} {`, ...indented(lines, 1), "}"];

  const isAsked = (arg) => isRequired(arg) && arg.name !== "first";

  // listField gives of an object's fields the connection of a type: of several the one with the shortest name, which is the plainest.
  const listField = (owner, type, mayNeed) => Object.values(owner?.getFields() ?? {})
    .filter((field) => nodeOf(field) === type && (mayNeed || !field.args.some(isAsked)))
    .sort((a, b) => a.name.length - b.name.length)[0];

  const connection = (field, type) => {
    const needed = field.args.filter(isAsked);
    const has = (name) => name in named(field.type).getFields();
    const page = named(named(field.type).getFields().pageInfo?.type);
    return {
      variables: needed,
      lines: block(`${field.name}(${["first: 10", ...needed.map(({ name }) => `${name}: $${name}`)].join(", ")})`, [
        ...block("edges", block("node", leaves(type))),
        ...(page ? block("pageInfo", leaves(page)) : []),
        ...(has("totalCount") ? ["totalCount"] : []),
      ]),
    };
  };

  // sample gives a value that an input may have there, within others: where it goes round in a circle, a list ends it.
  const sample = (type, name, within = []) => {
    const text = type.toString();
    const inner = named(type);
    if (text.startsWith("[")) {
      return inner.name === "ID" || within.includes(inner) ? [] : [sample(inner, name, within)];
    }
    if (inner.getValues) {
      return inner.getValues()[0].name;
    }
    if (!isLeaf(inner)) {
      return sampleInput(inner, [...within, inner]);
    }
    const now = new Date().toISOString();
    return { ID: "", Int: 1, Float: 1.5, Boolean: false, DateTime: now, Date: now.slice(0, 10), Decimal: "1.50", JSON: {} }[inner.name] ?? name;
  };
  // sampleInput gives what an input needs; of one that needs nothing, all that is plain.
  const sampleInput = (type, within) => {
    const fields = Object.values(type.getFields());
    const needed = fields.filter(isRequired);
    const plain = fields.filter((field) => isLeaf(named(field.type)) && !["id", "clientMutationId"].includes(field.name));
    return Object.fromEntries((needed.length > 0 ? needed : plain).map((field) => [field.name, sample(field.type, field.name, within)]));
  };

  const operation = (kind, name, variables, lines) => {
    const declared = variables.map((variable) => `$${variable.name}: ${variable.type}`).join(", ");
    return `${block(`${kind} ${name}${declared ? `(${declared})` : ""}`, lines).join("\n")}\n`;
  };
  const samples = (variables) => Object.fromEntries(variables.map(({ name, type }) => [name, sample(type, name)]));
  const titled = (name) => name[0].toUpperCase() + name.slice(1);
  const id = { name: "id", type: queries.node?.args.find(({ name }) => name === "id")?.type };

  const starts = (type) => {
    const found = [];
    const add = (label, title, kind, name, variables, lines) => found.push({
      label, title, name, query: operation(kind, name, variables, lines), variables: samples(variables),
    });
    // The list: of all, of who is signed in, of an argument's, or of another object's.
    const viewer = Object.values(queries).find((field) => field.name === "viewer");
    const [ofAll, ofMine] = [listField(queryType, type, false), listField(named(viewer?.type), type, false)];
    const all = ofAll ?? (ofMine ? undefined : listField(queryType, type, true));
    if (all || ofMine) {
      const { variables, lines } = connection(all ?? ofMine, type);
      add("List", all ? `${titled(all.name)}` : `Your ${ofMine.name}`, "query", titled((all ?? ofMine).name), variables, all ? lines : block("viewer", lines));
    } else if (id.type) {
      const owner = Object.values(schema.getTypeMap()).find((other) => isNode(other) && listField(other, type, false));
      const field = owner && listField(owner, type, false);
      if (field) {
        add("List", `${titled(field.name)} of one ${owner.name}`, "query", `${owner.name}${titled(field.name)}`, [id],
          block("node(id: $id)", block(`... on ${owner.name}`, connection(field, type).lines)));
      }
    }
    if (viewer && named(viewer.type) === type) {
      add("You", "Who is signed in", "query", "Viewer", [], block("viewer", leaves(type)));
    }
    if (id.type) {
      add("One", `One ${type.name}, by its id`, "query", type.name, [id], block("node(id: $id)", block(`... on ${type.name}`, leaves(type))));
    }
    // The mutation that creates one: its payload has the object, under whichever name.
    const create = mutations.find((mutation) => mutation.name === `create${type.name}`);
    const payload = named(create?.type);
    const made = isObject(payload) ? Object.values(payload.getFields()).find((field) => field.type.toString().replace("!", "") === type.name) : undefined;
    if (made) {
      const needed = create.args.filter((arg) => isRequired(arg) || arg.name === "input");
      const given = needed.map(({ name }) => `${name}: $${name}`).join(", ");
      const beside = leaves(payload).filter((name) => name !== "clientMutationId"); // a secret, say, that is shown this once
      add("Create", `Create one ${type.name}`, "mutation", titled(create.name), needed,
        block(given ? `${create.name}(${given})` : create.name, [...block(made.name, leaves(type)), ...beside]));
    }
    return found;
  };

  return Object.values(schema.getTypeMap()).filter(isNode)
    .map((type) => ({ type: type.name, starts: starts(type) }))
    .sort((a, b) => a.type.localeCompare(b.type));
};
