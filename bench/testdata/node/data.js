// What both servers answer with: the users and todos that bench wrote into a file, in maps.
import { readFileSync } from 'node:fs'

export const schema = readFileSync(new URL('../../plaingqlgen/schema.graphqls', import.meta.url), 'utf8')

const [host, port] = process.argv[2].split(':')
export const address = { host, port: Number(port) }
export const secret = process.env.SECRET

const { users, todos } = JSON.parse(readFileSync(process.argv[3], 'utf8'))
const byId = new Map()
for (const [owner, list] of Object.entries(todos)) {
  for (const todo of list) byId.set(todo.id, { ...todo, owner, type: 'Todo' })
}

function read (id, caller) {
  const found = byId.get(id)
  return found?.owner === caller ? found : null
}

// The context of a request has the subject of its token as its caller.
export const resolvers = {
  Query: {
    viewer: (_, args, { caller }) => users[caller],
    node: (_, { id }, { caller }) => read(id, caller),
    nodes: (_, { ids }, { caller }) => ids.map(id => read(id, caller))
  },
  User: {
    todos (_, { first = 20, after }, { caller }) {
      const all = todos[caller]
      const begin = after == null ? 0 : all.findIndex(todo => todo.id === after) + 1
      const page = all.slice(begin, begin + first)
      return {
        edges: page.map(node => ({ cursor: node.id, node })),
        pageInfo: { hasNextPage: all.length > begin + first, endCursor: page.at(-1)?.id }
      }
    }
  }
}

export const typeOf = object => object.type ?? 'User'
