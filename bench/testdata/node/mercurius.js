// mercurius with jit on Fastify, and @fastify/jwt.
import Fastify from 'fastify'
import jwt from '@fastify/jwt'
import mercurius from 'mercurius'
import { address, resolvers, schema, secret, typeOf } from './data.js'

const app = Fastify()
app.register(jwt, { secret })
app.addHook('onRequest', request => request.jwtVerify())
app.register(mercurius, {
  schema,
  resolvers: { ...resolvers, Node: { resolveType: typeOf } },
  jit: 1,
  context: request => ({ caller: request.user.sub })
})
await app.listen(address)
