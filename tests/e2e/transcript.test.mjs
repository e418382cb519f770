// What an answer looks like and what can be done with it: Markdown, what it must not do, editing, keys, long chats.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, chooseModel, closePanel, composer, messages, open, openPanel, send, texts } from './app.mjs'
import { grow } from './grow.mjs'
import { cleanUp, eventually, newProfile, startApp } from './harness.mjs'
import { startTeller, useTeller } from './teller.mjs'

const RICH = `# A title

Some **strong**, *stressed* and ~~wrong~~ words, \`code\` and a [link](https://example.org/page). It costs $5 or $10.

| Name | Price |
|:-----|------:|
| Tea  | 3     |

- [x] done
- [ ] open

Inline $a^2 + b_1$ and

$$
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
$$

\\[ \\nonsense{ \\]

\`\`\`rust
fn main() { // say it
    println!("<b>hello</b>");
}
\`\`\`

![A cat](https://pictures.invalid/cat.png)

<img src="x" onerror="window.hacked = 1"><script>window.hacked = 2</script>

<div onclick="window.hacked = 3">HTML block</div>

[evil](javascript:window.hacked=4) [data](data:text/html,x) <a href="javascript:window.hacked=5">raw</a>

A note[^1].

[^1]: The note itself.
`

const TELL = { chooseModel, openPanel, closePanel }

test('an answer is drawn as Markdown, also while it is being written, and runs nothing', async (t) => {
  const teller = cleanUp(t, await startTeller())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile({ permissions: ['clipboard-read', 'clipboard-write'] }))
  const page = await open(profile, app.url)
  await useTeller(page, teller, TELL)
  teller.tell(RICH)
  teller.hold()
  await send(page, 'Tell me something rich')
  // half of it: blocks are there already
  await page.locator('.live-reply h3', { hasText: 'A title' }).waitFor()
  await page.locator('.live-reply table td', { hasText: 'Tea' }).waitFor()
  await page.locator('.live-reply strong', { hasText: 'strong' }).waitFor()
  const wrap = page.getByRole('button', { name: 'Wrap long lines' })
  await wrap.click()
  await page.locator('.live-reply .code-block-wrapped').waitFor()
  const table = await page.locator('.live-reply table').elementHandle()
  teller.release()
  await answered(page)
  // what was drawn stays, and with it what one has selected
  assert.ok(await table.evaluate((table) => table.isConnected))
  // what was chosen while it was written holds when it is complete
  assert.equal(await wrap.getAttribute('aria-pressed'), 'true')
  await wrap.click()

  const answer = messages(page).last()
  assert.equal(await answer.locator('.markdown-box-done').count(), 1)
  assert.equal(await answer.locator('math').count(), 2)
  const namespaces = await answer.locator('math mfrac').evaluateAll((all) => all.map((each) => each.namespaceURI))
  assert.deepEqual(namespaces, ['http://www.w3.org/1998/Math/MathML'])
  assert.match(await answer.locator('.formula-source').innerText(), /nonsense/)
  assert.match(await answer.locator('p', { hasText: 'It costs' }).innerText(), /It costs \$5 or \$10\./)
  assert.equal(await answer.locator('.code-block .code-keyword', { hasText: 'fn' }).count(), 1)

  // nothing ran, nothing was fetched, HTML is text
  assert.equal(await page.evaluate(() => window.hacked), undefined)
  assert.equal(await answer.locator('img, script, iframe').count(), 0)
  assert.match(await answer.innerText(), /<img src="x" onerror=/)
  assert.match(await answer.innerText(), /HTML block<\/div>/)
  const links = await answer.locator('a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.target, a.rel]))
  assert.deepEqual(links, [['https://example.org/page', '_blank', 'noopener noreferrer']])
  const others = () => profile.requestsLeaving(app.url).filter(({ url }) => !url.startsWith(teller.url))
  assert.deepEqual(others(), [])

  // a picture is fetched when it is wanted
  await answer.getByRole('button', { name: /pictures\.invalid/ }).click()
  await eventually(() => others().some(({ url }) => url === 'https://pictures.invalid/cat.png'))
  await answer.getByText('could not be loaded').waitFor()

  await answer.getByRole('button', { name: 'Copy code' }).click()
  await eventually(async () => (await page.evaluate(() => navigator.clipboard.readText())).startsWith('fn main'))
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    'fn main() { // say it\n    println!("<b>hello</b>");\n}',
  )
  await answer.getByRole('button', { name: 'Copy message' }).click()
  await eventually(async () => (await page.evaluate(() => navigator.clipboard.readText())) === RICH)
  await answer.getByRole('button', { name: 'Wrap long lines' }).click()
  await page.locator('.code-block-wrapped').waitFor()
  await answer.getByRole('button', { name: 'Footnote 1' }).click()
  await eventually(() => page.evaluate(() => document.activeElement.textContent.includes('The note itself')))
  assert.match(page.url(), /#\/chat\//)

  // it is the same after a reload
  const before = await texts(page)
  await page.reload()
  await messages(page).nth(1).waitFor()
  assert.deepEqual((await texts(page))[0], before[0])
  await answer.locator('math mfrac').waitFor({ state: 'attached' })
})

test('a sent message is said in other words, and both versions are kept', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'The first wording')
  await answered(page)
  // up in an empty field, and away again
  await composer(page).press('ArrowUp')
  const field = page.getByRole('textbox', { name: 'Edit your message' })
  await field.waitFor()
  assert.equal(await field.inputValue(), 'The first wording')
  await field.fill('Something else')
  await field.press('Escape')
  await field.waitFor({ state: 'detached' })
  assert.equal((await texts(page))[0], 'The first wording')
  await eventually(() => page.evaluate(() => document.activeElement.id === 'composer-field'))

  await composer(page).press('ArrowUp')
  await field.fill('The second wording')
  await field.press('Enter')
  await messages(page).filter({ hasText: 'The second wording' }).first().waitFor()
  await answered(page)
  await page.getByText('2/2').waitFor()
  await eventually(async () => (await texts(page))[1].includes('The second wording'))
  await page.getByRole('button', { name: 'Previous version' }).first().click()
  await eventually(async () => (await texts(page))[0] === 'The first wording')
  assert.equal((await texts(page)).length, 2)
  await page.reload()
  await eventually(async () => (await texts(page))[0] === 'The first wording')
})

test('what another tab says while an answer is written shows at once, and reading up is left alone', async (t) => {
  const teller = cleanUp(t, await startTeller())
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await useTeller(page, teller, TELL)
  teller.tell(`${'A paragraph of many words that fills some lines on the screen.\n\n'.repeat(60)}The end.`)
  teller.hold()
  await send(page, 'Tell me a long story')
  await page.locator('.live-reply-text').waitFor()
  const other = await profile.page(page.url(), { fresh: true })
  await composer(other).waitFor()
  await messages(other).filter({ hasText: 'Tell me a long story' }).first().waitFor()
  await composer(other).fill('Said in another tab')
  await composer(other).press('Enter')
  await messages(page).filter({ hasText: 'Said in another tab' }).first().waitFor()
  assert.equal(await page.locator('.live-reply').count(), 1)

  // scrolled up, the view stays while the answer grows, until one wants to go down
  const area = page.locator('.transcript-area')
  await area.evaluate((area) => area.scrollTo(0, 0))
  await page.getByRole('button', { name: 'Jump to latest' }).waitFor()
  teller.release()
  await page.locator('.live-reply').waitFor({ state: 'detached' })
  assert.ok((await area.evaluate((area) => area.scrollTop)) < 50)
  await page.getByRole('button', { name: 'Jump to latest' }).click()
  await eventually(() => area.evaluate((area) => area.scrollHeight - area.clientHeight - area.scrollTop < 70))
  await page.getByRole('button', { name: 'Jump to latest' }).waitFor({ state: 'detached' })
})

test('a long chat opens at its end, and what one reads stays where it is while earlier messages come above it', async (t) => {
  const app = cleanUp(t, await startApp())
  const profile = cleanUp(t, await newProfile())
  const page = await open(profile, app.url)
  await send(page, 'To begin with')
  await answered(page)
  const body = 'Some *words* and $x^2$.\n\n- one\n- two\n\n```js\nlet it = "be"\n```\n\n'.repeat(3)
  await grow(page, 150, body)
  await page.reload()
  await page.getByText('Question number 148', { exact: true }).waitFor()
  const area = page.locator('.transcript-area')
  const rows = () => page.locator('.transcript-area .message').count()
  await eventually(() => area.evaluate((area) => area.scrollTop > 0 && area.scrollHeight - area.clientHeight - area.scrollTop < 3))
  assert.ok((await rows()) < 100, 'only the end is in the page')

  // at the very top the browser itself does not keep the place
  const seen = await area.evaluate(async (area) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    const rows = () => area.querySelectorAll('.message').length
    const before = rows()
    area.scrollTop = 0
    await frame()
    // what one reads is a line; the message that it is in may be there from its middle on
    const { left, top, width } = area.getBoundingClientRect()
    const anchor = document.elementFromPoint(left + width / 2, top + 120)
    const at = anchor.getBoundingClientRect().top
    let furthest = 0
    for (let frames = 0, after = 0; frames < 2000 && after < 20; frames += 1) {
      await frame()
      if (rows() > before) after += 1
      furthest = Math.max(furthest, Math.abs(anchor.getBoundingClientRect().top - at))
    }
    return { came: rows() - before, furthest }
  })
  assert.ok(seen.came > 0)
  assert.ok(seen.furthest < 3, `moved by ${seen.furthest} px`)

  // all of it can be reached, and the end again
  await eventually(async () => {
    await area.evaluate((area) => (area.scrollTop = 0))
    return page.getByText('Question number 0', { exact: true }).isVisible()
  })
  assert.ok((await rows()) >= 150)
  await page.getByRole('button', { name: 'Jump to latest' }).click()
  await page.getByText('Question number 148', { exact: true }).waitFor()
  await eventually(() => area.evaluate((area) => area.scrollHeight - area.clientHeight - area.scrollTop < 3))
})
