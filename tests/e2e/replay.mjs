// A stand-in for an AI provider that replays recorded answers of real ones: byte for byte, in the chunks in which they
// arrived, ending as they ended. A fixture is NAME.jsonl (the chunks) and NAME.meta.json (status, headers, how it ended).
//
//   const provider = await startReplay()                          // { url, requests, … }
//   provider.play('llama-server/chat_stream')                     // for every request from now on
//   provider.play('litellm/err_429', { times: 1 })                // for the next one only, then as before
//   provider.play('llama-server/models', { match: (r) => r.path.endsWith('/models') })
//   provider.play('llama-server/chat_stream', { speed: 1 })       // in the recorded time; 2 is twice as fast
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../fixtures/llm/', import.meta.url))
// Between chunks where the recorded time is not kept: enough for a reader to get them one by one.
const GAP_MS = 5

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

export function readFixture(name, directory = FIXTURES) {
  const meta = JSON.parse(readFileSync(join(directory, `${name}.meta.json`), 'utf8'))
  const chunks = readFileSync(join(directory, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map(({ t_ms, bytes_base64 }) => ({ at: t_ms, bytes: Buffer.from(bytes_base64, 'base64') }))
  return { ...meta, chunks }
}

export async function startReplay({ fixtures = FIXTURES } = {}) {
  const requests = []
  let plays = []

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy())
  })

  async function handle(incoming, outgoing) {
    if (incoming.method === 'OPTIONS') return answerPreflight(incoming, outgoing)
    const body = []
    for await (const chunk of incoming) body.push(chunk)
    const seen = { method: incoming.method, path: incoming.url, headers: incoming.headers, body: Buffer.concat(body).toString() }
    const record = { ...seen, finished: false, aborted: false }
    requests.push(record)
    outgoing.on('close', () => (record.aborted = !record.finished))

    // the last one said goes first
    const play = plays.findLast(({ times, match }) => times > 0 && match(seen))
    if (!play) return outgoing.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end('nothing to play')
    play.times -= 1
    await replay(play, outgoing)
    record.finished = true
  }

  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}`,
    /** All requests but preflights: { method, path, headers, body, finished, aborted (by the page) }. */
    requests,
    play: (name, { times = Infinity, match = () => true, speed } = {}) => {
      plays.push({ fixture: readFixture(name, fixtures), times, match, speed })
    },
    clear: () => {
      plays = []
    },
    stop: () =>
      new Promise((done) => {
        server.close(done)
        server.closeAllConnections()
      }),
  }
}

function answerPreflight({ headers }, outgoing) {
  outgoing.writeHead(204, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
    'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '*',
    'Access-Control-Allow-Private-Network': 'true',
  })
  outgoing.end()
}

async function replay({ fixture, speed }, outgoing) {
  const { status, headers, chunks, end } = fixture
  if (end.startsWith('no-response')) return outgoing.destroy()
  outgoing.writeHead(status, {
    ...(headers['content-type'] && { 'Content-Type': headers['content-type'] }),
    ...(headers['retry-after'] && { 'Retry-After': headers['retry-after'], 'Access-Control-Expose-Headers': 'Retry-After' }),
    'Access-Control-Allow-Origin': '*',
  })
  outgoing.flushHeaders()
  const start = Date.now()
  for (const { at, bytes } of chunks) {
    await sleep(speed ? start + at / speed - Date.now() : GAP_MS)
    if (outgoing.destroyed) return
    outgoing.write(bytes)
  }
  await sleep(GAP_MS)
  if (end === 'connection-cut') outgoing.destroy()
  else outgoing.end()
}
