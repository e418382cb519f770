//! The one file of this module that touches the browser: sends calls with `fetch`.
//!
//! Promises: every call ends within [`TIMEOUT_MS`]; no cookies, no cache, no preflight.

use gloo_net::http::{Request as HttpRequest, Response as HttpResponse};
use web_sys::{AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials};

use super::{Answer, Call, Config, Probe, ProbeReport, Wire};
use crate::sync::{Request, Response, SpaceId, TransportError};

/// How long an answer may take, with its body.
pub const TIMEOUT_MS: u32 = 20_000;

/// Talks to Firestore for one space.
#[derive(Clone, Debug)]
pub struct Client {
    wire: Wire,
}

impl Client {
    /// A client for a space; sends nothing yet.
    #[must_use]
    pub fn new(config: Config, space: SpaceId) -> Self {
        Self { wire: Wire::new(config, space) }
    }

    /// The project this client talks to.
    #[must_use]
    pub fn config(&self) -> &Config {
        self.wire.config()
    }

    /// Sends one request of the engine.
    ///
    /// # Errors
    /// See [`TransportError`]; no answer in time is `Unreachable`.
    pub async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let call = self.wire.encode(request)?;
        let answer = self.post(&call).await?;
        self.wire.decode(request, &answer)
    }

    /// The `save` smoke test; see [`Probe::save`] for the nonce. `now_ms` is any clock in
    /// milliseconds: it measures the latency and is written into the test document.
    pub async fn save_probe(&self, nonce: &str, now_ms: impl Fn() -> u64) -> ProbeReport {
        self.run(Probe::save(&self.wire, nonce, now_ms()), now_ms).await
    }

    /// The `load` smoke test.
    pub async fn load_probe(&self, now_ms: impl Fn() -> u64) -> ProbeReport {
        self.run(Probe::load(&self.wire), now_ms).await
    }

    async fn run(&self, mut probe: Probe<'_>, now_ms: impl Fn() -> u64) -> ProbeReport {
        let start_ms = now_ms();
        while let Some(call) = probe.call() {
            probe.handle(self.post(&call).await);
        }
        let unfinished = || Err("The test did not end.".to_owned());
        ProbeReport {
            outcome: probe.outcome().cloned().unwrap_or_else(unfinished),
            latency_ms: now_ms().saturating_sub(start_ms),
        }
    }

    async fn post(&self, call: &Call) -> Result<Answer, TransportError> {
        // the browser's message has no address in it, but nobody promises that
        self.fetch(call)
            .await
            .map_err(|error| self.wire.redact(TransportError::Unreachable(error.to_string())))
    }

    async fn fetch(&self, call: &Call) -> Result<Answer, gloo_net::Error> {
        let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
        let response: HttpResponse = HttpRequest::post(&self.config().url(&call.path))
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
            // API keys can be bound to a website by its referrer; the page's own policy may hide it
            .referrer_policy(ReferrerPolicy::StrictOriginWhenCrossOrigin)
            .abort_signal(Some(&signal))
            // a text without a content type goes as text/plain, which needs no preflight
            .body(call.body.as_str())?
            .send()
            .await?;
        Ok(Answer { status: response.status(), body: response.text().await? })
    }
}
