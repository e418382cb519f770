// The harness itself: what the other tests build on must fail the way it says.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cleanUp, eventually, newProfile, startApp, startEmulator, startProxy, startReplay } from './harness.mjs'

function temporaryFiles(t, files) {
  const directory = mkdtempSync(join(tmpdir(), 'muse-test-'))
  t.after(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

test('the server stays in its directory and sends types, policy and config', async (t) => {
  const dist = temporaryFiles(t, { 'index.html': '<script type="module">let a</script>', 'a.wasm': '' })
  const app = cleanUp(t, await startApp({ dist, base: '/sub/', config: { projectId: 'p' }, headers: { 'X-More': '1' } }))
  const index = await fetch(app.url)
  assert.equal(index.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.match(index.headers.get('content-security-policy'), /script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+=';/)
  assert.equal(index.headers.get('x-more'), '1')
  assert.equal((await fetch(`${app.url}a.wasm`)).headers.get('content-type'), 'application/wasm')
  assert.deepEqual(await (await fetch(`${app.url}config.json`)).json(), { projectId: 'p' })
  assert.equal((await fetch(`${app.url}missing.js`)).status, 404)
  for (const path of ['/sub/../../../../etc/passwd', '/sub/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/sub//etc/passwd', '/sub/%00', '/']) {
    assert.equal(await statusOf(app.port, path), 404, path)
  }
})

// fetch would tidy the path up
function statusOf(port, path) {
  return new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, path }, (response) => done(response.resume().statusCode)).on('error', fail).end()
  })
}

test('the proxy fails in each of its ways, and heals', async (t) => {
  let handled = 0
  const server = createServer((_, response) => {
    handled += 1
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('0123456789')
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const proxy = cleanUp(t, await startProxy({ host: '127.0.0.1', port: server.address().port }))
  const get = async (options) => {
    const response = await fetch(`http://${proxy.address}/x`, options)
    return `${response.status} ${await response.text()}`
  }
  const handledBy = async (step) => {
    const before = handled
    await step()
    return handled - before
  }

  assert.equal(await get(), '200 0123456789')
  proxy.fault({ kind: 'dropBefore' })
  assert.equal(await handledBy(() => assert.rejects(get())), 0)
  proxy.fault({ kind: 'dropAfter' })
  assert.equal(await handledBy(() => assert.rejects(get())), 1)
  proxy.fault({ kind: 'cut' })
  assert.equal(await handledBy(() => assert.rejects(get())), 1)
  proxy.fault({ kind: 'duplicate' })
  assert.equal(await handledBy(async () => assert.equal(await get(), '200 0123456789')), 2)
  proxy.fault({ kind: 'status', status: 429, match: ({ method }) => method === 'POST' })
  assert.equal(await get(), '200 0123456789')
  assert.match(await get({ method: 'POST', body: '{}' }), /^429 .*RESOURCE_EXHAUSTED/)
  proxy.fault({ kind: 'hang' })
  await assert.rejects(get({ signal: AbortSignal.timeout(300) }), { name: 'TimeoutError' })
  proxy.fault({ kind: 'delay', ms: 300 })
  const start = Date.now()
  await get()
  assert.ok(Date.now() - start >= 290)
  proxy.down()
  await assert.rejects(get())
  proxy.up()
  assert.equal(await get(), '200 0123456789')
})

test('the replay server keeps chunks, order of rules and the way an answer ended', async (t) => {
  const chunk = (text) => JSON.stringify({ t_ms: 1, bytes_base64: Buffer.from(text).toString('base64') })
  const meta = (end) => JSON.stringify({ status: 200, headers: { 'content-type': 'text/event-stream' }, end })
  const fixtures = temporaryFiles(t, {
    'whole.jsonl': [chunk('data: 1\n'), chunk('\ndata: 2')].join('\n'),
    'whole.meta.json': meta('complete'),
    'cut.jsonl': chunk('data: 1\n'),
    'cut.meta.json': meta('connection-cut'),
  })
  const provider = cleanUp(t, await startReplay({ fixtures }))
  assert.equal((await fetch(provider.url)).status, 404)
  provider.play('whole')
  provider.play('cut', { times: 1 })
  await assert.rejects((await fetch(provider.url)).text())
  const chunks = []
  const response = await fetch(`${provider.url}/v1/chat`, { method: 'POST', body: 'hello' })
  for await (const bytes of response.body) chunks.push(Buffer.from(bytes).toString())
  assert.deepEqual(chunks, ['data: 1\n', '\ndata: 2'])
  assert.equal(provider.requests.at(-1).body, 'hello')
})

test('a killed browser keeps its profile, and every request is on record', async (t) => {
  const dist = temporaryFiles(t, { 'index.html': '<title>x</title>' })
  const app = cleanUp(t, await startApp({ dist }))
  const other = cleanUp(t, await startApp({ dist, headers: { 'Access-Control-Allow-Origin': '*' } }))
  const device = cleanUp(t, await newProfile())
  let page = await device.page(app.url)
  await page.evaluate(async (url) => {
    localStorage.setItem('kept', 'yes')
    await fetch(url)
    console.error('seen')
  }, other.url)
  assert.deepEqual(device.requestsLeaving(app.url).map(({ url }) => url), [other.url])
  await eventually(() => device.errors.some((text) => text.startsWith('seen')))
  // a browser writes localStorage to disk a little later
  await new Promise((done) => setTimeout(done, 6_000))
  await device.kill9()
  await device.reopen()
  page = await device.page(app.url)
  assert.equal(await page.evaluate(() => localStorage.getItem('kept')), 'yes')
})

test('the emulator comes back on its port', async (t) => {
  const emulator = cleanUp(t, await startEmulator())
  await emulator.kill9()
  await assert.rejects(fetch(`http://${emulator.address}/`))
  await emulator.restart()
  assert.equal((await (await fetch(`http://${emulator.address}/`)).text()).trim(), 'Ok')
})
