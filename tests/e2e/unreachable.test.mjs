// What a browser keeps a page from doing, in a real one: servers that do not let web pages in, mixed content, and the
// permission to call this device. Each has its own sentence, down to the setting of the server.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { BROWSER_FLAGS } from '../../scripts/browser.mjs'
import { open, send, useSource } from './app.mjs'
import { cleanUp, newProfile, startApp } from './harness.mjs'

/** A server that is there and has never heard of web pages. */
async function startStranger() {
  const seen = []
  const server = createServer((request, response) => {
    seen.push(request.method)
    response.writeHead(404).end()
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const stop = () => new Promise((done) => (server.close(done), server.closeAllConnections()))
  return { port: server.address().port, seen, stop }
}

/** A profile in which these ports of `localhost` lead to one of ours, as the usual ones may be taken. */
const withPorts = (ports, to) =>
  newProfile({
    args: [...BROWSER_FLAGS, `--host-resolver-rules=${ports.map((port) => `MAP localhost:${port} 127.0.0.1:${to}`).join(',')}`],
  })

/** Says something and waits for the sentence that tells why there is no answer. */
async function fails(page, text, sentence) {
  await send(page, text)
  await page.getByRole('alert').filter({ hasText: sentence }).last().waitFor({ timeout: 20_000 })
}

test('servers that do not let web pages in: each with the setting that does', async (t) => {
  const stranger = cleanUp(t, await startStranger())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await withPorts([11434, 1234, 8080, 9999], stranger.port))
  const page = await open(profile, app.url)
  const { origin } = new URL(app.url)
  for (const [port, sentence] of [
    [11434, `localhost:11434 is reachable but does not allow web pages (CORS); set OLLAMA_ORIGINS=${origin} and restart Ollama`],
    [1234, 'switch on “Enable CORS” in LM Studio, or run: lms server start --cors'],
    [8080, `start llama-server with --cors-origins ${origin} --cors-headers authorization,content-type`],
    [9999, `allow ${origin} in its CORS settings`],
  ]) {
    await useSource(page, /OpenAI/, `http://localhost:${port}/v1`, { key: null })
    await fails(page, `To port ${port}`, sentence)
  }
  assert.ok(stranger.seen.includes('OPTIONS'))
  await useSource(page, /OpenAI/, 'http://localhost:1/v1', { key: null })
  await fails(page, 'To nobody', 'Nothing answers at localhost:1; start the server and check the port.')
})

test('a secure page: no plain http but to this device', async (t) => {
  const stranger = cleanUp(t, await startStranger())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await withPorts([11434], stranger.port))
  // the page's own files come from the app's server, under a secure address
  const secure = 'https://muse.example/'
  await profile.context.route(`${secure}**`, async (route) => {
    const answer = await fetch(app.url + route.request().url().slice(secure.length))
    const headers = Object.fromEntries(answer.headers)
    await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) })
  })
  const page = await open(profile, secure)
  assert.equal(await page.evaluate(() => `${location.protocol} ${isSecureContext}`), 'https: true')
  await useSource(page, /OpenAI/, 'http://192.0.2.1:11434/v1', { key: null })
  await fails(page, 'To another machine', 'This page is secure (https) but http://192.0.2.1:11434 is not, so the browser blocked it')
  await useSource(page, /OpenAI/, 'http://localhost:11434/v1', { key: null })
  const asks = await page.evaluate(() => navigator.permissions.query({ name: 'local-network-access' }).then(() => true, () => false))
  // browsers that ask before a page may call this device (Chromium since 142); nobody is there to say yes
  if (asks) {
    await fails(page, 'To this device', 'This page may not call localhost:11434; allow it in the browser')
    await profile.context.grantPermissions(['local-network-access'], { origin: new URL(secure).origin })
  }
  await fails(page, 'To this device, once it is allowed', 'does not allow web pages (CORS); set OLLAMA_ORIGINS=https://muse.example and restart')
})
