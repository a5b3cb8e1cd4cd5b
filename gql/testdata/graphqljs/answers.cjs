// Writes what graphql-js answers to a table of values in variables and literals, and of texts in
// documents: node answers.cjs > answers.json, with graphql of e2e/testdata/relay in NODE_PATH.
const {
  buildSchema, parse, validate, getVariableValues, getArgumentValues, getDirectiveValues, GraphQLIncludeDirective,
} = require('graphql');

const sdl = `
enum Color { RED GREEN blue }
scalar Any
input Point { x: Int! y: Int = 7 label: String }
input Choice @oneOf { a: Int b: String point: Point }
input Deep {
  flag: Boolean!
  required: Int! = 5
  point: Point = { x: 1 }
  color: Color = RED
  ids: [ID!]
  matrix: [[Int]]
  points: [Point!] = [{ x: 2, y: null }]
  choice: Choice
  deep: Deep
  any: Any
}
type Query {
  int(v: Int): Int
  intDefault(v: Int = 3): Int
  required(v: Int!): Int
  requiredDefault(v: Int! = 3): Int
  float(v: Float): Int
  string(v: String): Int
  boolean(v: Boolean): Int
  id(v: ID): Int
  color(v: Color): Int
  any(v: Any): Int
  ints(v: [Int]): Int
  intsRequired(v: [Int!]!): Int
  matrix(v: [[Int!]]): Int
  strings(v: [String!]): Int
  colors(v: [Color!]): Int
  point(v: Point): Int
  points(v: [Point!]): Int
  choice(v: Choice): Int
  choices(v: [Choice!]): Int
  deep(v: Deep!): Int
}`;

const schema = buildSchema(sdl);

// answer is null where graphql-js refuses a document, its variables or an argument, and otherwise
// the arguments of each field of the first operation. A text that does not parse is answered by the
// place of the error.
function answer(document, variables) {
  let ast;
  try {
    ast = parse(document);
  } catch (error) {
    return { syntax: [error.locations[0].line, error.locations[0].column] };
  }
  if (validate(schema, ast).length > 0) return null;
  const operation = ast.definitions[0];
  const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], JSON.parse(variables));
  if (errors) return null;
  const fields = {};
  for (const field of operation.selectionSet.selections) {
    const definition = schema.getQueryType().getFields()[field.name.value];
    try {
      if (getDirectiveValues(GraphQLIncludeDirective, field, coerced)?.if === false) continue;
      fields[field.alias?.value ?? field.name.value] = getArgumentValues(definition, field, coerced);
    } catch {
      return null;
    }
  }
  return { arguments: fields };
}

const cases = [];
const add = (document, variables = '{}') => cases.push({ document, variables, answer: answer(document, variables) });

// Every value of JSON for every type.
const types = {
  int: 'Int', required: 'Int!', float: 'Float', string: 'String', boolean: 'Boolean', id: 'ID', color: 'Color', any: 'Any',
  ints: '[Int]', intsRequired: '[Int!]!', matrix: '[[Int!]]', strings: '[String!]', colors: '[Color!]',
  point: 'Point', points: '[Point!]', choice: 'Choice', choices: '[Choice!]',
};
const values = [
  'null', 'true', '0', '-0', '1', '1.0', '1e3', '1.5', '-2147483648', '2147483647', '2147483648', '-2147483649',
  '1e400', '9007199254740993', '12345678901234567890123', '1e21', '""', '"1"', '"RED"', '"red"', '"true"', '"\\ud83d\\ude00"',
  '[]', '[1]', '[1,null]', '[null]', '[[1]]', '[[1],null,2]', '[[null]]', '["a"]', '[1,"2"]', '["RED","GREEN"]', '["RED",1]',
  '{}', '{"x":1}', '{"x":null}', '{"x":"1"}', '{"x":1,"y":null}', '{"x":1,"z":2}', '[{"x":1},{"x":2,"label":3}]', '[{"x":1},null]',
  '{"a":1}', '{"a":null}', '{"a":1,"b":"t"}', '{"a":1,"b":null}', '{"point":{}}', '{"point":{"x":1}}', '{"c":1}', '[{"a":1},{"b":"t"}]',
];
for (const [field, type] of Object.entries(types)) {
  for (const value of values) add(`query($v: ${type}) { ${field}(v: $v) }`, `{"v":${value}}`);
  add(`query($v: ${type}) { ${field}(v: $v) }`);
}

// The same in literals.
const literals = [
  'null', 'true', '0', '-0', '1', '1.0', '1e3', '1.5', '2147483647', '2147483648', '-2147483649', '9007199254740993',
  '12345678901234567890123', '"1"', '"RED"', 'RED', 'red', 'blue', 'TRUE', '"""RED"""', '[]', '[1]', '[1, null]', '[[1], null, 2]', '[[null]]',
  '[1, "2"]', '[RED, blue]', '["RED"]', '{}', '{x: 1}', '{x: null}', '{x: "1"}', '{x: 1, y: null}', '{x: 1, z: 2}', '{x: 1, x: 2}',
  '[{x: 1}, {x: 2, label: 3}]', '[{x: 1}, null]', '{a: 1}', '{a: null}', '{a: 1, b: "t"}', '{a: 1, b: null}', '{c: 1}', '{point: {}}', '{point: {x: 1}}',
];
for (const field of Object.keys(types)) {
  for (const literal of literals) add(`{ ${field}(v: ${literal}) }`);
}

// Objects in objects, and their defaults.
for (const value of [
  '{"flag":true}', '{"flag":null}', '{}', '{"flag":"true"}', '{"flag":1}', '{"flag":true,"required":null}', '{"flag":true,"required":1}',
  '{"flag":true,"point":null}', '{"flag":true,"point":{}}', '{"flag":true,"point":{"x":3}}', '{"flag":true,"color":"green"}', '{"flag":true,"color":null}',
  '{"flag":true,"ids":7}', '{"flag":true,"ids":[7,"8",null]}', '{"flag":true,"ids":[1.5]}', '{"flag":true,"matrix":5}', '{"flag":true,"matrix":[5,[6]]}',
  '{"flag":true,"points":{"x":1}}', '{"flag":true,"points":[]}', '{"flag":true,"choice":{"a":1}}', '{"flag":true,"choice":{}}',
  '{"flag":true,"deep":{"flag":false}}', '{"flag":true,"deep":{}}', '{"flag":true,"any":{"x":[1,"a",null,true]}}', '[{"flag":true}]', '"{}"', 'null',
]) {
  add('query($v: Deep!) { deep(v: $v) }', `{"v":${value}}`);
  add(`{ deep(v: ${value.replace(/"(\w+)":/g, '$1: ')}) }`);
}

// Variables, with defaults here and there, absent and null.
for (const [document, names] of [
  ['query($v: Int = 4) { int(v: $v) }', 'v'],
  ['query($v: Int! = 4) { int(v: $v) required(v: $v) }', 'v'],
  ['query($v: Int = 4) { required(v: $v) }', 'v'],
  ['query($v: Int = null) { required(v: $v) }', 'v'],
  ['query($v: Int) { required(v: $v) }', 'v'],
  ['query($v: Int!) { required(v: $v) }', 'v'],
  ['query($v: Int) { intDefault(v: $v) }', 'v'],
  ['query($v: Int) { requiredDefault(v: $v) }', 'v'],
  ['query($v: Int) { ints(v: [1, $v]) }', 'v'],
  ['query($v: Int) { intsRequired(v: [1, $v]) }', 'v'],
  ['query($v: Int = 4) { intsRequired(v: [1, $v]) }', 'v'],
  ['query($v: Int) { ints(v: $v) }', 'v'],
  ['query($v: [Int]) { matrix(v: [$v]) }', 'v'],
  ['query($v: [Int!]) { matrix(v: [$v]) }', 'v'],
  ['query($v: Int) { point(v: {x: $v}) }', 'v'],
  ['query($v: Int!) { point(v: {x: $v}) }', 'v'],
  ['query($v: Int = 4) { point(v: {x: $v}) }', 'v'],
  ['query($v: Int) { point(v: {x: 1, y: $v}) }', 'v'],
  ['query($v: Int) { deep(v: {flag: true, required: $v}) }', 'v'],
  ['query($v: Int) { deep(v: {flag: true, points: [{x: 1, y: $v}]}) }', 'v'],
  ['query($v: Int) { choice(v: {a: $v}) }', 'v'],
  ['query($v: Int!) { choice(v: {a: $v}) }', 'v'],
  ['query($v: Int!) { choice(v: {a: $v, b: "t"}) }', 'v'],
  ['query($v: Int = 4) { choice(v: {a: $v}) }', 'v'],
  ['query($v: Int) { any(v: {x: $v, y: [$v, 1]}) }', 'v'],
  ['query($v: String) { int(v: $v) }', 'v'],
  ['query($v: Int) { string(v: $v) }', 'v'],
  ['query($v: Int) { float(v: $v) }', 'v'],
  ['query($v: Color = RED) { color(v: $v) }', 'v'],
  ['query($v: Color = "RED") { color(v: $v) }', 'v'],
  ['query($v: Int = "1") { int(v: $v) }', 'v'],
  ['query($v: Int! = null) { int(v: $v) }', 'v'],
  ['query($v: [Int!] = 1) { ints(v: $v) }', 'v'],
  ['query($v: [[Int!]] = [1, null]) { matrix(v: $v) }', 'v'],
  ['query($v: ID = 5) { id(v: $v) }', 'v'],
  ['query($v: Float = 5) { float(v: $v) }', 'v'],
  ['query($v: Point = {x: 1}) { point(v: $v) }', 'v'],
  ['query($v: Point = {y: 1}) { point(v: $v) }', 'v'],
  ['query($v: Query) { int(v: $v) }', 'v'],
  ['query($v: Nothing) { int(v: $v) }', 'v'],
  ['query($v: Int) { int(v: $w) }', 'v'],
  ['query($v: Int, $v: Int) { int(v: $v) }', 'v'],
  ['query($v: Boolean = true) { int(v: 1) @include(if: $v) }', 'v'],
  ['{ int(v: 1) @include(if: "true") }', 'v'],
  ['query($v: Boolean) { int(v: 1) @include(if: $v) }', 'v'],
  ['{ int }', 'v'], ['{ required }', 'v'], ['{ requiredDefault }', 'v'], ['{ intDefault }', 'v'], ['{ requiredDefault(v: null) }', 'v'],
  ['{ intDefault(v: null) }', 'v'], ['{ int(w: 1) }', 'v'], ['{ int(v: 1, v: 2) }', 'v'],
]) {
  for (const variables of ['{}', `{"${names}":null}`, `{"${names}":1}`]) add(document, variables);
}

// Texts, and what a document may have between its words.
const characters = ['a', 'é', '😀', '\u0000', '\u0007', '\u007f', '\ufeff', '\u2028', '\t', '\n', '\r', '"', '\\'];
const texts = [];
for (const c of characters) texts.push(`"x${c}y"`, `"""x${c}y"""`, `#${c}\n"x"`, `"x"${c}`);
for (const escape of [
  '\\n', '\\"', '\\/', '\\b', '\\f', '\\r', '\\t', '\\\\', '\\x', '\\U0041', '\\u0041', '\\u00e9', '\\u004', '\\u00g1', '\\u', '\\u{', '\\u{}', '\\u{41}',
  '\\u{1F600}', '\\u{01F600}', '\\u{0000001F600}', '\\u{10FFFF}', '\\u{110000}', '\\u{FFFFFFFFFF}', '\\u{D83D}', '\\u{D83D}\\u{DE00}', '\\u{1F600', '\\u{1G}', '\\u{-1}',
  '\\ud83d\\ude00', '\\uD83D\\uDE00', '\\ud83d', '\\ude00', '\\ud83dx', '\\ud83d\\u0041', '\\ud83d\\ud83d\\ude00', '\\ude00\\ud83d', '\\ud83d\\u{DE00}',
  '\\ud83d\\n', '\\u0000', '\\uFFFF', '\\uFFFE', '\\u{FFFF}', '😀\\ud83d\\ude00é\\u{1F600}\\n', '\\\\ud83d', '\\\\\\ud83d\\ude00',
]) texts.push(`"${escape}"`, `"a${escape}b"`, `"""a${escape}b"""`);
texts.push(
  '""', '"', '"a', '"a\n"', '""""""', '"""', '"""a', '"""a"b"""', '"""a""b"""', '"""a\\"""b"""', '"""\\"""', '"""a\n    b\n  c"""', '"""\n    a\n      b\n  """',
  '"""\r\n  a\r\n   b\r\n"""', '"""\n\ta\n\t b\n"""', '"""  a\n b"""', '"""\n\n\n"""', '""" """', '"""a\n  \n  b"""', '"""\n  é😀\n   x\n"""', '"""a\rb"""',
  '"""\n\n  a\n\n    b\n\n"""', '"a" "b"', '\ufeff"a"', '"\\u0041\\ud83d\\ude00" # \\u{zz}\n', "'a'", '“a”', 'é',
);
for (const text of texts) {
  add(`{ string(v: ${text}) }`);
  add(`query($v: Any = {a: ["é\\u{41}", ${text}]}) {\n  # "\n  any(v: $v) int(v: 1) }`);
}
for (const document of [
  '', '{', '{}', '{ int(v: 01) }', '{ int(v: 1x) }', '{ int(v: 0x1) }', '{ int(v: -) }', '{ int(v: 1.) }', '{ float(v: .5) }', '{ float(v: 1.e3) }', '{ float(v: 1e) }',
  '{ float(v: 1.5.6) }', '{ float(v: 1e5f) }', '{ int(v: 1_000) }', '{ int(v: +1) }', '{ any(v: [1-1]) }', '{ any(v: [1"a"]) }', '{ any(v: [1{a:1}]) }', '{ int(v: 1)int }',
  '{ int,int }', '\ufeff{ int }', '{ int\ufeff(v:\ufeff1) }', '{ int } # \u0007', '# \u0000\n{ int }', '{ in\u0000t }', '{ int ? }', '{ int\u00a0}', '{ int\u2028}', '{ ïnt }',
  '{ int } }', '{ string(v: "\\u{1F600}") int(v: "x" }', '{ string(v: "\\u{1F600}") ? }', '{ string(v: "é\\ud83d\\ude00\\ud83d") }', '{ string(v: "ok") int(v: 1.x) }',
]) add(document);

process.stdout.write('{"schema":' + JSON.stringify(sdl) + ',"cases":[\n' + cases.map((c) => JSON.stringify(c)).join(',\n') + '\n]}\n');
