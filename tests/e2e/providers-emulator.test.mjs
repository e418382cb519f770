// Every service against a maintained emulator of providers (aimock) that nobody here wrote: what we send, it must
// understand; what it sends in each dialect, the page must show. Recorded answers are in providers.test.mjs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LLMock } from '@copilotkit/aimock'
import { answered, CANARY, open, openPanel, send, texts, useSource } from './app.mjs'
import { cleanUp, newProfile, startApp } from './harness.mjs'

const LONG = 'Über die Brücke 🌉 gehen wir **langsam**. '.repeat(40)

async function startPeer() {
  const peer = new LLMock({ port: 0, logLevel: 'silent' })
  peer.onMessage(/greet/, { content: 'Grüße aus der Ferne 👋', reasoning: 'One greets back.' })
  peer.onMessage(/long/, { content: LONG }, { chunkSize: 7 })
  peer.onMessage(/cut off/, { content: LONG }, { chunkSize: 20, latency: 20, disconnectAfterMs: 400 })
  peer.onMessage(/limit/, { content: 'As far as it', finishReason: 'length' })
  await peer.start()
  return peer
}

const SERVICES = [
  { name: /OpenAI/, path: '/v1' },
  { name: /Claude/, path: '' },
  { name: /Gemini/, path: '' },
]

test('an emulator of all services understands the requests, and its answers and failures are shown', async (t) => {
  const peer = cleanUp(t, await startPeer())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  for (const { name, path } of SERVICES) {
    await useSource(page, name, `${peer.url}${path}`, { key: name.test('OpenAI') ? CANARY : null })
    await page.keyboard.press('Control+Shift+O')
    await send(page, 'greet me')
    await answered(page)
    assert.equal((await texts(page)).at(-1), 'Grüße aus der Ferne 👋', String(name))
    await page.locator('.message-reasoning summary').last().click()
    await page.getByText(/One greets back/).waitFor()

    await send(page, 'a long one')
    await answered(page)
    assert.equal((await texts(page)).at(-1), LONG.replaceAll('**', '').trim())
    assert.equal(await page.locator('.message-last strong').count(), 40)

    // the conversation went along, in the order in which it was said
    const { body } = peer.getLastRequest()
    assert.deepEqual(body.messages.map(({ role }) => role), ['user', 'assistant', 'user'], String(name))

    await send(page, 'be cut off')
    await page.locator('.message-last').getByText('Interrupted', { exact: true }).waitFor()
    assert.match((await texts(page)).at(-1), /^Über die Brücke/)

    await send(page, 'up to the limit')
    await answered(page)
    await page.locator('.message-last').getByText('Cut at the length limit').waitFor()

    peer.nextRequestError(429, { message: 'Too many requests', type: 'rate_limit_error' })
    await send(page, 'once too often, greet')
    await page.getByRole('alert').filter({ hasText: /too many requests|limit/i }).last().waitFor()
    peer.nextRequestError(401, { message: `Incorrect API key provided: ${CANARY}`, type: 'authentication_error' })
    await send(page, 'with a wrong key, greet')
    await page.getByRole('alert').filter({ hasText: /did not accept this API key/ }).last().waitFor()
    assert.ok(!(await page.locator('body').innerText()).includes(CANARY))
  }
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('radio', { name: /OpenAI/ }).click()
  await settings.getByRole('button', { name: /Fetch|Models/ }).first().click()
  await settings.getByText(/\d+ models/).waitFor()
  assert.deepEqual(profile.errors.filter((text) => !/config\.json|40[14]|429|ERR_/.test(text)), [])
})
