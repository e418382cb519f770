//! Asking a provider over the network: the only file here that touches the browser.
//!
//! Promises: two headers at most, `content-type` and `authorization`, as one unknown header makes
//! some servers refuse a web page altogether; no cookies, no referrer, no cache. Every wait has an
//! end. Dropping a future or pressing its [`Stop`] aborts its request.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures::future::{AbortHandle, Abortable, Either, select};
use gloo_net::http::{RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestMode,
};

use super::openai::{self, Reader, Request};
use super::{ApiKey, Delta, Endpoint, Finish, Provider, ProviderError, Unreachable, mock};
use crate::chat::{StopReason, Turn};

/// How long a service may take to begin its answer.
const CONNECT_MAX_MS: u32 = 30_000;

/// How long a stream of a service may be silent; comments count as life.
const IDLE_MAX_MS: u32 = 60_000;

/// Either of these for people's own servers, which load the model and read the prompt in silence.
const OWN_SERVER_MAX_MS: u32 = 300_000;

/// How long the body of an error may take, and how long to look for the reason of a failure.
const AFTERMATH_MAX_MS: u32 = 5_000;

/// How long to wait again after a limit: in a tab that was frozen the timer comes first although
/// the bytes are there.
const GRACE_MS: u32 = 500;

/// The Stop button of one reply; clones are the same button.
#[derive(Clone, Default)]
pub struct Stop(Rc<StopState>);

#[derive(Default)]
struct StopState {
    is_pressed: Cell<bool>,
    running: RefCell<Vec<AbortHandle>>,
}

impl Stop {
    /// A button that has not been pressed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Presses it: the reply ends as [`StopReason::Stopped`] with what has come so far.
    pub fn press(&self) {
        self.0.is_pressed.set(true);
        for handle in self.0.running.take() {
            handle.abort();
        }
    }

    /// Whether it was pressed.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.0.is_pressed.get()
    }
}

/// Asks for an answer to a conversation and hands on each piece as it arrives. A reply that breaks
/// off after some text ends as [`StopReason::Interrupted`]; [`Provider::Off`] says nothing.
///
/// # Errors
/// There is no answer, or the provider broke it off with an error; text that was handed on before
/// stays true.
pub async fn stream(
    provider: &Provider,
    turns: &[Turn],
    stop: &Stop,
    mut on_delta: impl FnMut(Delta),
) -> Result<Finish, ProviderError> {
    let stopped = Ok(Finish { stop: StopReason::Stopped, usage: None });
    if stop.is_pressed() {
        return stopped;
    }
    let (handle, registration) = AbortHandle::new_pair();
    stop.0.running.borrow_mut().push(handle);
    let reply = Abortable::new(answer(provider, turns, &mut on_delta), registration).await;
    reply.unwrap_or(stopped)
}

/// The models of an endpoint, see [`openai::models`]. This also tests address and key.
///
/// # Errors
/// The endpoint cannot be asked; the error says why.
pub async fn models(endpoint: &Endpoint, key: &ApiKey) -> Result<Vec<String>, ProviderError> {
    let url = endpoint.models_url();
    let (response, _abort) = call(endpoint, &url, key, None).await?;
    let body = within(AFTERMATH_MAX_MS, response.text()).await;
    match body {
        Some(Ok(body)) => openai::models(&body, key),
        Some(Err(_)) => Err(ProviderError::Unreachable(Unreachable::Lost)),
        None => Err(ProviderError::Unreachable(Unreachable::Timeout)),
    }
}

async fn answer(
    provider: &Provider,
    turns: &[Turn],
    on_delta: &mut dyn FnMut(Delta),
) -> Result<Finish, ProviderError> {
    match provider {
        Provider::Off => {}
        Provider::Mock => {
            for (wait_ms, word) in mock::reply(turns) {
                TimeoutFuture::new(wait_ms).await;
                on_delta(Delta::Text(word));
            }
        }
        Provider::OpenAi { endpoint, key, model } => {
            let first = Request::new(model, turns);
            let reply = ask(endpoint, key, &first, on_delta).await;
            return match reply.as_ref().err().and_then(|error| first.after(error)) {
                Some(second) => ask(endpoint, key, &second, on_delta).await,
                None => reply,
            };
        }
    }
    Ok(Finish { stop: StopReason::Done, usage: None })
}

/// One request for a conversation, read to its end.
async fn ask(
    endpoint: &Endpoint,
    key: &ApiKey,
    request: &Request,
    on_delta: &mut dyn FnMut(Delta),
) -> Result<Finish, ProviderError> {
    let body = request.body();
    let (response, _abort) = call(endpoint, &endpoint.chat_url(), key, Some(&body)).await?;
    let content_type = response.headers().get("content-type").unwrap_or_default();
    let mut reader = Reader::new(&content_type, key);
    let mut was_silent = false;
    if let Some(stream) = response.body() {
        let chunks: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        while !reader.is_done() {
            match within(limit(endpoint, IDLE_MAX_MS), JsFuture::from(chunks.read())).await {
                Some(Ok(result)) => match bytes(&result) {
                    Some(bytes) => reader.push(&bytes, on_delta),
                    None => break,
                },
                // the connection broke: what has come decides what that means
                Some(Err(_)) => break,
                None => {
                    was_silent = true;
                    break;
                }
            }
        }
    }
    reader.end(on_delta).map_err(|error| {
        let is_lost = error == ProviderError::Unreachable(Unreachable::Lost);
        if is_lost && was_silent { ProviderError::Unreachable(Unreachable::Timeout) } else { error }
    })
}

/// The bytes in the result of a read; `None` at the end of the body.
fn bytes(result: &JsValue) -> Option<Vec<u8>> {
    let value = Reflect::get(result, &JsValue::from_str("value")).ok()?;
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

/// Sends a request and waits until a success begins. The guard aborts what is left of it.
async fn call(
    endpoint: &Endpoint,
    url: &str,
    key: &ApiKey,
    body: Option<&str>,
) -> Result<(Response, Abort), ProviderError> {
    if !key.is_plausible() {
        return Err(ProviderError::BadKey);
    }
    let abort = Abort::new();
    let mut builder = private(url, &abort).mode(RequestMode::Cors);
    if !key.is_empty() {
        builder = builder.header("authorization", &format!("Bearer {}", key.reveal()));
    }
    let request = match body {
        Some(body) => {
            builder.method(gloo_net::http::Method::POST).header("content-type", "application/json").body(body)
        }
        None => builder.build(),
    };
    let Ok(request) = request else {
        // the browser's idea of an address is stricter than ours
        return Err(ProviderError::Setup(super::BadUrl::Host.to_string()));
    };
    let response = match within(limit(endpoint, CONNECT_MAX_MS), request.send()).await {
        Some(Ok(response)) => response,
        Some(Err(_)) => return Err(ProviderError::Unreachable(find_out(endpoint).await)),
        None => return Err(ProviderError::Unreachable(Unreachable::Timeout)),
    };
    if response.ok() {
        return Ok((response, abort));
    }
    let wait = response.headers().get("retry-after");
    let text = within(AFTERMATH_MAX_MS, response.text()).await.and_then(Result::ok);
    let text = text.unwrap_or_default();
    Err(ProviderError::from_response(response.status(), wait.as_deref(), &text, key))
}

/// A request that tells the server nothing about the person but its content.
fn private(url: &str, abort: &Abort) -> RequestBuilder {
    RequestBuilder::new(url)
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(abort.0.as_ref().map(AbortController::signal).as_ref())
}

fn limit(endpoint: &Endpoint, of_services_ms: u32) -> u32 {
    let is_own = endpoint.is_loopback() || !endpoint.is_https();
    if is_own { OWN_SERVER_MAX_MS } else { of_services_ms }
}

/// Looks for the reason of a failure that the browser keeps to itself: a request that asks for
/// nothing but being delivered gets through where only the permission for web pages is missing.
async fn find_out(endpoint: &Endpoint) -> Unreachable {
    let window = web_sys::window();
    let origin = window.as_ref().and_then(|window| window.location().origin().ok());
    let origin = origin.unwrap_or_default();
    let is_online = window.is_none_or(|window| window.navigator().on_line());
    let why = Unreachable::diagnose(endpoint, &origin, is_online, None);
    if !matches!(why, Unreachable::Nothing { .. }) {
        return why;
    }
    let abort = Abort::new();
    let probe = private(&endpoint.models_url(), &abort).mode(RequestMode::NoCors).send();
    let is_there = within(AFTERMATH_MAX_MS, probe).await.is_some_and(|answer| answer.is_ok());
    Unreachable::diagnose(endpoint, &origin, is_online, Some(is_there))
}

/// What a future gives within a time, else `None`.
async fn within<T>(limit_ms: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    for wait_ms in [limit_ms, GRACE_MS] {
        if let Either::Left((value, _)) = select(future.as_mut(), TimeoutFuture::new(wait_ms)).await {
            return Some(value);
        }
    }
    None
}

/// Aborts its request when it goes out of scope; no harm where that is done already.
struct Abort(Option<AbortController>);

impl Abort {
    fn new() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}
