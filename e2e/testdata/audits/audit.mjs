// Prints the audits of graphql-http that the server at the address given first fails, with
// the token given second, and how many it passes.
import { auditServer } from 'graphql-http'

const [url, token] = process.argv.slice(2)
const results = await auditServer({
  url,
  fetchFn: (address, options = {}) =>
    fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } }),
})
const failed = results.filter(({ status }) => status !== 'ok')
for (const { id, name, reason } of failed) console.log(`${id} ${name}: ${reason}`)
console.log(`${results.length - failed.length} of ${results.length}`)
