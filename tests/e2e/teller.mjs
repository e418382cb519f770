// A stand-in for an OpenAI-compatible provider that tells what the test wants it to, word by word.
//
//   const teller = await startTeller()             // { url, asked, stop, tell, hold, release }
//   teller.tell('# A title\n\n…')                   // the answer from now on
//   teller.tell(text, { tokensPerSecond: 200 })     // in this time; else as fast as the page takes it
//   teller.hold()                                   // answers stop half-way until release()
import { createServer } from 'node:http'

const TICK_MS = 5

export async function startTeller() {
  let telling = { text: 'Hello.', tokensPerSecond: 0 }
  let held = null
  let release = () => {}
  const asked = []

  const server = createServer(async (request, response) => {
    const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Access-Control-Allow-Methods': '*' }
    if (request.method === 'OPTIONS') return response.writeHead(204, headers).end()
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.url.endsWith('/models')) {
      return response.writeHead(200, { ...headers, 'Content-Type': 'application/json' }).end('{"data":[{"id":"any"}]}')
    }
    asked.push(JSON.parse(body))
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' })
    const { text, tokensPerSecond } = telling
    const tokens = text.match(/\s*\S{1,5}|\s+/g) ?? []
    const event = (delta, more = {}) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }] })}\n\n`
    const half = Math.ceil(tokens.length / 2)
    let sent = 0
    const started = performance.now()
    while (sent < tokens.length && !response.destroyed) {
      if (held && sent >= half) await held
      const due = tokensPerSecond ? Math.floor(((performance.now() - started) * tokensPerSecond) / 1000) : sent + 40
      const end = Math.min(due, held && sent < half ? half : tokens.length)
      if (end > sent) {
        response.write(tokens.slice(sent, end).map((content) => event({ content })).join(''))
        sent = end
      }
      await new Promise((done) => setTimeout(done, TICK_MS))
    }
    const usage = { prompt_tokens: 10, completion_tokens: tokens.length, total_tokens: 10 + tokens.length }
    response.write(event({}, { finish_reason: 'stop' }))
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** The bodies of the requests. */
    asked,
    tell: (text, { tokensPerSecond = 0 } = {}) => (telling = { text, tokensPerSecond }),
    hold: () => (held = new Promise((done) => (release = () => done((held = null))))),
    release: () => release(),
    stop: () =>
      new Promise((done) => {
        release()
        server.close(done)
        server.closeAllConnections()
      }),
  }
}

/** Has a page of the app ask this server. */
export async function useTeller(page, teller, { chooseModel, openPanel, closePanel }) {
  await chooseModel(page, /OpenAI/)
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('textbox', { name: 'Base URL' }).fill(teller.url)
  await settings.getByRole('combobox', { name: 'Model' }).fill('any')
  await closePanel(page)
}
