// Apollo Server with the HTTP server that it brings along, and jsonwebtoken.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import jwt from 'jsonwebtoken'
import { address, resolvers, schema, secret, typeOf } from './data.js'

const server = new ApolloServer({
  typeDefs: schema,
  resolvers: { ...resolvers, Node: { __resolveType: typeOf } }
})
await startStandaloneServer(server, {
  listen: address,
  context: async ({ req }) => ({ caller: jwt.verify(req.headers.authorization?.slice('Bearer '.length), secret, { algorithms: ['HS256'] }).sub })
})
