// Apollo Server with the HTTP server that it brings along, and jsonwebtoken.
import { createSecretKey } from 'node:crypto'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import jwt from 'jsonwebtoken'
import { address, resolvers, schema, secret, typeOf } from './data.js'

const key = createSecretKey(Buffer.from(secret)) // of a string, jsonwebtoken makes one for each request, which takes long
const server = new ApolloServer({
  typeDefs: schema,
  resolvers: { ...resolvers, Node: { __resolveType: typeOf } }
})
await startStandaloneServer(server, {
  listen: address,
  context: async ({ req }) => ({ caller: jwt.verify(req.headers.authorization?.slice('Bearer '.length), key, { algorithms: ['HS256'] }).sub })
})
