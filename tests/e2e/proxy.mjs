// An HTTP proxy in front of the Firestore emulator that makes the network fail on purpose. The page is told the
// proxy's address instead of the emulator's; what the page may read (CORS) stays as the emulator has it.
//
//   const proxy = await startProxy(emulator)                     // { address, port, requests, … }
//   proxy.fault({ kind: 'dropAfter', match: isCommit })          // the next matching request
//   proxy.fault({ kind: 'status', status: 429, times: 3 })       // the next three
//   proxy.fault({ kind: 'delay', ms: 500, times: Infinity })     // until proxy.heal()
//   proxy.down(); proxy.up()                                     // no network at all
//
// Kinds: delay (then as usual), dropBefore (the emulator never sees it), dropAfter (it is done but the answer is lost),
// duplicate (the emulator gets it twice, the page the first answer), cut (half of the answer's body), hang (no answer),
// status (made up, the emulator never sees it). Preflight requests always pass, but for down().
import { Agent, createServer, request as httpRequest } from 'node:http'

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

export async function startProxy({ host, port }) {
  const agent = new Agent({ keepAlive: true })
  const requests = []
  let faults = []
  let isDown = false

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.on('connection', (socket) => isDown && socket.destroy())

  async function handle(incoming, outgoing) {
    const body = await readAll(incoming)
    const seen = { method: incoming.method, path: incoming.url, headers: incoming.headers, body: body.toString() }
    const fault = incoming.method === 'OPTIONS' ? undefined : takeFault(seen)
    requests.push({ ...seen, fault: fault?.kind })

    if (fault?.kind === 'delay') await sleep(fault.ms)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'dropBefore') return outgoing.destroy()
    if (fault?.kind === 'status') return answerStatus(incoming, outgoing, fault)

    const answer = await forward(seen, body)
    if (fault?.kind === 'dropAfter' || fault?.kind === 'cut') return breakAnswer(answer, outgoing, fault)
    if (fault?.kind === 'duplicate') {
      const first = await readAll(answer)
      await readAll(await forward(seen, body))
      outgoing.writeHead(answer.statusCode, withoutLength(answer.headers))
      return outgoing.end(first)
    }
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
    answer.on('error', () => outgoing.destroy())
    outgoing.on('close', () => answer.destroy())
  }

  function takeFault(seen) {
    const fault = faults.find((each) => each.times > 0 && (!each.match || each.match(seen)))
    if (fault) fault.times -= 1
    return fault
  }

  function forward({ method, path, headers }, body) {
    return new Promise((done, fail) => {
      const onward = httpRequest({ host, port, method, path, headers: { ...headers, host: `${host}:${port}` }, agent }, done)
      onward.on('error', fail)
      onward.end(body)
    })
  }

  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: '127.0.0.1',
    port: server.address().port,
    address: `127.0.0.1:${server.address().port}`,
    /** All requests that arrived: { method, path, headers, body, fault }. */
    requests,
    /** Adds a fault for the next `times` requests for which `match({ method, path, headers, body })` is true. */
    fault: ({ times = 1, ...fault }) => {
      faults.push({ times, ...fault })
    },
    heal: () => {
      faults = []
      isDown = false
    },
    down: () => {
      isDown = true
      server.closeAllConnections()
    },
    up: () => {
      isDown = false
    },
    stop: () =>
      new Promise((done) => {
        server.close(done)
        server.closeAllConnections()
        agent.destroy()
      }),
  }
}

async function breakAnswer(answer, outgoing, { kind }) {
  const whole = await readAll(answer)
  if (kind === 'cut') {
    outgoing.writeHead(answer.statusCode, { ...withoutLength(answer.headers), 'Content-Length': whole.length })
    await new Promise((done) => outgoing.write(whole.subarray(0, Math.floor(whole.length / 2)), done))
  }
  outgoing.destroy()
}

const STATUS_NAMES = { 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 429: 'RESOURCE_EXHAUSTED', 503: 'UNAVAILABLE' }

// In the form of the real service, with the headers that let a page of another host read it.
function answerStatus(incoming, outgoing, { status, headers }) {
  const error = { code: status, message: 'made up by the test', status: STATUS_NAMES[status] ?? 'UNKNOWN' }
  outgoing.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
    ...headers,
  })
  outgoing.end(JSON.stringify({ error }))
}

function withoutLength(headers) {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = headers
  return rest
}

async function readAll(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
