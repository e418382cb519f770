// Every service against a server that replays recorded answers: the requests it gets, what one sees, and what one is
// told when something goes wrong.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { answered, CANARY, closePanel, messages, open, openPanel, send, texts, tick, useSource } from './app.mjs'
import { cleanUp, eventually, newProfile, startApp, startReplay } from './harness.mjs'

const chatRequests = (replay) => replay.requests.filter(({ method }) => method === 'POST')

/** The headers that the app itself has set; the browser adds the others. */
function ownHeaders({ headers }) {
  const own = ['authorization', 'x-api-key', 'x-goog-api-key', 'content-type']
  return Object.keys(headers).filter((name) => own.includes(name) || name.startsWith('anthropic-') || name.startsWith('x-')).sort()
}

async function failsWith(page, text, words) {
  await send(page, text)
  await page.getByRole('alert').filter({ hasText: words }).waitFor()
}

test('Claude and Gemini: requests, reasoning, switching in mid-chat, the model of one chat', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)

  replay.play('llama-server/anthropic_stream_thinking')
  await useSource(page, /Claude/, replay.url, { model: 'claude-x' })
  await send(page, 'First to Claude')
  await answered(page)
  assert.match((await texts(page))[1], /A double arrow in a multiplayer/)
  await page.locator('.message-reasoning summary').click()
  await page.getByText(/two and two is a double arrow/).waitFor()
  let request = chatRequests(replay).at(-1)
  assert.equal(request.path, '/v1/messages')
  assert.deepEqual(ownHeaders(request), ['anthropic-dangerous-direct-browser-access', 'anthropic-version', 'content-type', 'x-api-key'])
  assert.equal(request.headers['x-api-key'], CANARY)
  assert.deepEqual(JSON.parse(request.body), {
    model: 'claude-x', max_tokens: 8192, stream: true, messages: [{ role: 'user', content: 'First to Claude' }],
  })

  // the same chat goes on with another service, and each gets its own key only
  replay.play('documented/gemini_crlf')
  await useSource(page, /Gemini/, replay.url, { key: null, model: 'gemini-x' })
  await send(page, 'Then to Gemini')
  await answered(page)
  assert.equal((await texts(page))[3], 'Grüße 👋 日本語')
  request = chatRequests(replay).at(-1)
  assert.equal(request.path, '/v1beta/models/gemini-x:streamGenerateContent?alt=sse')
  assert.deepEqual(ownHeaders(request), ['content-type', 'x-goog-api-key'])
  const { contents, ...rest } = JSON.parse(request.body)
  assert.deepEqual(contents.map(({ role }) => role), ['user', 'model', 'user'])
  assert.deepEqual(rest, {})

  // what this chat says itself goes before the settings
  await page.getByRole('button', { name: /^Model:/ }).click()
  const panel = page.getByRole('dialog', { name: 'This chat' })
  await panel.getByRole('combobox', { name: 'Who answers' }).selectOption('Claude')
  await panel.getByRole('combobox', { name: 'Model', exact: true }).fill('claude-of-this-chat')
  await tick(panel.getByRole('switch', { name: /Own instructions/ }))
  await panel.getByRole('textbox', { name: 'Instructions' }).fill('Speak like a pirate.')
  await panel.getByText('The next answer reads all 4 messages before it.').waitFor()
  await closePanel(page)
  replay.play('documented/anthropic_ping_unknown')
  await send(page, 'Back to Claude')
  await answered(page)
  assert.equal((await texts(page))[5], 'Grüße 👋')
  request = JSON.parse(chatRequests(replay).at(-1).body)
  assert.equal(request.model, 'claude-of-this-chat')
  assert.equal(request.system, 'Speak like a pirate.')
  assert.equal(request.messages.length, 5)
  await page.keyboard.press('Control+Shift+O')
  await page.getByText('Start a conversation with Muse').waitFor()
  await page.getByRole('button', { name: /^Model: gemini-x/ }).waitFor()
  assert.deepEqual(profile.errors.filter((text) => !text.includes('config.json')), [])
})

test('thinking first: asked for where it is wanted, in the way a model takes, and said where it takes none', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  const settings = await openPanel(page, 'Settings')
  await tick(settings.getByRole('switch', { name: /Let the model think first/ }))
  await closePanel(page)
  const bodies = (count) => chatRequests(replay).slice(-count).map(({ body }) => JSON.parse(body))

  replay.play('documented/anthropic_thinking_signature')
  await useSource(page, /Claude/, replay.url, { model: 'claude-x' })
  await send(page, 'To a newer model')
  await answered(page)
  assert.deepEqual(bodies(1)[0].thinking, { type: 'adaptive', display: 'summarized' })
  await page.locator('.message-reasoning').waitFor()

  // an older one refuses that form once, and is not asked in it again
  replay.play('documented/anthropic_err_400_adaptive', { times: 1 })
  await send(page, 'To an older model')
  await answered(page)
  const old = { type: 'enabled', budget_tokens: 8192 }
  assert.deepEqual(bodies(2).map(({ thinking }) => thinking), [{ type: 'adaptive', display: 'summarized' }, old])
  const asked = chatRequests(replay).length
  await send(page, 'And once more')
  await answered(page)
  assert.deepEqual([chatRequests(replay).length, bodies(1)[0].thinking], [asked + 1, old])

  replay.play('documented/gemini_crlf')
  replay.play('documented/gemini_err_400_thinking', { times: 1 })
  await useSource(page, /Gemini/, replay.url, { key: null, model: 'gemini-x' })
  await send(page, 'To one that cannot')
  await answered(page)
  assert.deepEqual(bodies(2).map(({ generationConfig }) => generationConfig), [{ thinkingConfig: { includeThoughts: true } }, undefined])
  await page.getByText('gemini-x cannot be asked to think first').waitFor()
})

test('titles: the first words, or by the model where that is switched on, and its failure is no matter', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  const title = page.locator('.header-title')
  replay.play('documented/openai_no_done')
  await useSource(page, /OpenAI/, `${replay.url}/v1`)
  await send(page, 'Said before it is on')
  await answered(page)
  await send(page, 'And more')
  await answered(page)
  assert.equal(chatRequests(replay).length, 2, 'nothing but the two questions')
  assert.equal(await title.textContent(), 'Said before it is on')

  const settings = await openPanel(page, 'Settings')
  await tick(settings.getByRole('switch', { name: /Let the model name new chats/ }))
  await closePanel(page)
  await page.keyboard.press('Control+Shift+O')
  await send(page, 'Said when it is on')
  await title.filter({ hasText: /^hi$/ }).waitFor()
  const [question, naming] = chatRequests(replay).slice(2).map(({ body }) => JSON.parse(body))
  assert.equal(question.messages.length, 1)
  assert.match(naming.messages[0].content, /^Write a title for this conversation/)
  assert.match(naming.messages[0].content, /Said when it is on/)
  await send(page, 'It is named once')
  await answered(page)
  assert.equal(chatRequests(replay).length, 5)

  await page.keyboard.press('Control+Shift+O')
  replay.play('documented/err_html_502')
  replay.play('documented/openai_no_done', { times: 1 })
  await send(page, 'The naming fails')
  await answered(page)
  await eventually(() => chatRequests(replay).length === 7 && chatRequests(replay).at(-1).finished)
  await send(page, 'Which is not told')
  await page.getByRole('alert').filter({ hasText: 'having trouble' }).waitFor()
  assert.equal(await page.getByRole('alert').filter({ hasText: 'having trouble' }).count(), 1, 'only this answer failed')
  assert.equal(await title.textContent(), 'The naming fails')
})

test('a cut answer goes on, and the cut one is kept', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  replay.play('aimock/openai_length')
  await useSource(page, /OpenAI/, `${replay.url}/v1`)
  await send(page, 'Tell me a story')
  await answered(page)
  const cut = (await texts(page))[1]
  assert.ok(cut.length > 0)
  replay.play('documented/openai_no_done')
  await page.getByRole('button', { name: /^Continue/ }).click()
  await page.getByText('2/2').waitFor()
  await answered(page)
  const whole = (await texts(page))[1]
  assert.ok(whole.startsWith(cut) && whole.length > cut.length, `${cut} -> ${whole}`)
  const { messages: sent } = JSON.parse(chatRequests(replay).at(-1).body)
  assert.deepEqual(sent.map(({ role }) => role), ['user', 'assistant', 'user'])
  assert.equal(sent[1].content.trim(), cut.trim())
})

test('what goes wrong is said with its remedy, what came is kept, and the key is nowhere', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)

  await useSource(page, /OpenAI/, `${replay.url}/v1`)
  for (const [fixture, words] of [
    ['documented/openai_err_401', /did not accept this API key/],
    ['documented/openai_err_404', /was not found at/],
    ['documented/openai_err_429_rate', /try again in 20 s/],
    ['documented/openai_err_429_quota', /no credit left/],
    ['llama-server/err_400_context_too_long', /3031 of 2048 tokens/],
    ['aimock/openai_overloaded', /having trouble \(529\)/],
    ['documented/err_html_502', /having trouble \(502\)/],
    ['litellm/backend_killed_openai', /having trouble/],
    ['aimock/openai_truncate', /cannot be reached|Nothing answers|broke before/],
  ]) {
    replay.play(fixture)
    await failsWith(page, `This fails: ${fixture}`, words)
  }
  // refused parameters are left out, once
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('textbox', { name: 'Longest answer' }).fill('77')
  await settings.getByRole('textbox', { name: 'Longest answer' }).blur()
  await closePanel(page)
  replay.play('llama-server/chat_nonstream')
  replay.play('documented/openai_err_400_max_tokens', { times: 1 })
  await send(page, 'With a limit')
  await answered(page)
  const [first, second] = chatRequests(replay).slice(-2).map(({ body }) => JSON.parse(body))
  assert.deepEqual([first.max_tokens, second.max_tokens, second.max_completion_tokens], [77, undefined, 77])

  await useSource(page, /Claude/, replay.url, { key: null })
  for (const [fixture, words] of [
    ['documented/anthropic_error_midstream', /having trouble/],
    ['documented/anthropic_err_401_cors_org', /does not let web pages use its keys/],
    ['documented/anthropic_refusal', /does not want to answer/],
  ]) {
    replay.play(fixture)
    await failsWith(page, `This fails: ${fixture}`, words)
  }
  await messages(page).filter({ hasText: 'Partial' }).first().waitFor()
  await useSource(page, /Gemini/, replay.url, { key: null })
  for (const [fixture, words] of [
    ['documented/gemini_err_400_key', /did not accept this API key/],
    ['documented/gemini_err_429', /try again in 37 s/],
    ['documented/gemini_prompt_blocked', /does not want to answer/],
  ]) {
    replay.play(fixture)
    await failsWith(page, `This fails: ${fixture}`, words)
  }

  // a server that quotes the key back: no text, no row but the key's own, and no log shows it
  const echo = createServer((request, response) => {
    const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'authorization, content-type' }
    if (request.method === 'OPTIONS') return response.writeHead(204, cors).end()
    response.writeHead(400, { ...cors, 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ error: { message: `bad header ${request.headers.authorization ?? ''}` } }))
  })
  await new Promise((done) => echo.listen(0, '127.0.0.1', done))
  t.after(() => echo.close())
  await useSource(page, /OpenAI/, `http://127.0.0.1:${echo.address().port}/v1`)
  await failsWith(page, 'Echo the key', /refused the request: bad header Bearer \[key\]/)
  assert.ok(!(await page.locator('html').innerHTML()).includes('CANARY'))
  assert.ok(!profile.errors.join().includes('CANARY'))
  const rows = await page.evaluate(async () => {
    const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
    const store = (await done(indexedDB.open('muse'))).transaction('rows').objectStore('rows')
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
    return keys.map((key, at) => [key, JSON.stringify(values[at])])
  })
  const holding = rows.filter(([, value]) => value.includes('CANARY')).map(([key]) => key)
  assert.deepEqual(holding.filter((key) => !key.startsWith('s/key/')), [])
  assert.equal(holding.length, 2)
  const elsewhere = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  assert.ok(!elsewhere.includes('CANARY'))
})

test('keys: bound to their host, for one visit, asked for in the chat; models and a test in the settings', async (t) => {
  const replay = cleanUp(t, await startReplay())
  const other = cleanUp(t, await startReplay())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  for (const server of [replay, other]) server.play('llama-server/chat_nonstream')
  replay.play('llama-server/models', { match: ({ path }) => path.endsWith('/models') })
  await useSource(page, /OpenAI/, `${replay.url}/v1`, { model: '' })
  let settings = await openPanel(page, 'Settings')
  await settings.getByRole('button', { name: 'Fetch models' }).click()
  await settings.getByText('1 model found').waitFor()
  await settings.getByRole('combobox', { name: 'Model' }).fill('smollm2-135m-instruct')
  await settings.getByRole('combobox', { name: 'Model' }).blur()
  await settings.getByRole('button', { name: 'Send a test' }).click()
  await settings.getByText(/It works/).waitFor()
  assert.equal(chatRequests(replay).at(-1).headers.authorization, `Bearer ${CANARY}`)

  // another address does not get the key
  await settings.getByRole('textbox', { name: 'Base URL' }).fill(`${other.url}/v1`)
  await settings.getByText(/^None for/).waitFor()
  await closePanel(page)
  await send(page, 'To another host')
  await answered(page)
  assert.equal(chatRequests(other).at(-1).headers.authorization, undefined)

  // for this visit: used, and gone after a reload
  settings = await openPanel(page, 'Settings')
  await tick(settings.getByRole('checkbox', { name: /Only for this visit/ }))
  await settings.getByLabel('API key').fill(CANARY)
  await settings.getByLabel('API key').blur()
  await settings.getByText(/known until this page is closed/).waitFor()
  await closePanel(page)
  await send(page, 'With a key for this visit')
  await answered(page)
  assert.equal(chatRequests(other).at(-1).headers.authorization, `Bearer ${CANARY}`)
  await page.reload()
  settings = await openPanel(page, 'Settings')
  await settings.getByText(/^None for/).waitFor()
  await settings.getByRole('textbox', { name: 'Base URL' }).fill(`${replay.url}/v1`)
  await settings.getByText(/A key that ends in …cdef is on this device/).waitFor()

  // an early build kept a key without its host: it does not lie there unseen for ever
  const rowOfOld = (work) =>
    page.evaluate(async (work) => {
      const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)))
      const database = await done(indexedDB.open('muse'))
      const rows = database.transaction('rows', 'readwrite').objectStore('rows')
      const found = await done(work === 'put' ? rows.put({ v: 'any' }, 's/openai') : rows.getKey('s/openai'))
      database.close()
      return found
    }, work)
  await rowOfOld('put')
  await closePanel(page)
  await page.reload()
  await eventually(async () => (await rowOfOld('get')) === undefined)
  settings = await openPanel(page, 'Settings')

  // a service that answers nobody without a key: the chat asks for it
  await settings.getByRole('combobox', { name: 'Service' }).selectOption('Groq')
  await eventually(async () => (await settings.getByRole('textbox', { name: 'Base URL' }).inputValue()).includes('groq'))
  await closePanel(page)
  const wish = page.getByRole('region', { name: 'API key needed' })
  await wish.getByText('api.groq.com answers here').waitFor()
  await wish.getByLabel('API key').fill('gsk-typed-in-the-chat')
  await wish.getByLabel('API key').blur()
  await wish.waitFor({ state: 'detached' })
})
