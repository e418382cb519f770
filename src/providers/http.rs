//! Asking a provider over the network: the only file here that touches the browser.
//!
//! Promises: no header but the content type and those of [`Service::headers`]; no cookies, no cache,
//! and no referrer but where [`Service::wants_referrer`] says why. Every wait has an end. Dropping a future or pressing its [`Stop`] aborts its request.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures::future::{AbortHandle, Abortable, Either, select};
use gloo_net::http::{RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestMode,
};

use super::{Delta, Endpoint, Finish, Provider, ProviderError, Request, Service, Unreachable, mock};
use crate::chat::{StopReason, Turn};

/// How long an answer may take to begin, and how long it may be silent: models that think say nothing
/// for minutes, and servers of one's own load the model first. There is a Stop button.
const SILENCE_MAX_MS: u32 = 300_000;

/// How long a list of models may take.
const LIST_MAX_MS: u32 = 30_000;

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
    let stopped = Ok(Finish { stop: StopReason::Stopped, usage: None, thinking: None });
    if stop.is_pressed() {
        return stopped;
    }
    let (handle, registration) = AbortHandle::new_pair();
    stop.0.running.borrow_mut().push(handle);
    let reply = Abortable::new(answer(provider, turns, &mut on_delta), registration).await;
    reply.unwrap_or(stopped)
}

/// The models of a service, see [`Service::models`]. This also tests address and key.
///
/// # Errors
/// The service cannot be asked; the error says why.
pub async fn models(service: &Service) -> Result<Vec<String>, ProviderError> {
    let (response, _abort) = call(service, &service.models_url(), None).await?;
    let body = within(AFTERMATH_MAX_MS, response.text()).await;
    match body {
        Some(Ok(body)) => service.models(&body),
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
        Provider::Service(service) => {
            let mut request = service.request(turns);
            loop {
                let reply = ask(service, &request, on_delta).await;
                // ends, as something is left out each time
                match reply.as_ref().err().and_then(|error| request.after(error)) {
                    Some(next) => request = next,
                    None => {
                        let refused = request.thinking.len() < service.thinking.len();
                        let thinking = refused.then_some(request.thinking);
                        return reply.map(|finish| Finish { thinking, ..finish });
                    }
                }
            }
        }
    }
    Ok(Finish { stop: StopReason::Done, usage: None, thinking: None })
}

/// One request for a conversation, read to its end.
async fn ask(
    service: &Service,
    request: &Request,
    on_delta: &mut dyn FnMut(Delta),
) -> Result<Finish, ProviderError> {
    let body = service.body(request);
    let (response, _abort) = call(service, &service.url(request), Some(&body)).await?;
    let content_type = response.headers().get("content-type").unwrap_or_default();
    let mut reader = service.reader(&content_type);
    let mut was_silent = false;
    if let Some(stream) = response.body() {
        let chunks: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        while !reader.is_done() {
            match within(SILENCE_MAX_MS, JsFuture::from(chunks.read())).await {
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
async fn call(service: &Service, url: &str, body: Option<&str>) -> Result<(Response, Abort), ProviderError> {
    let (endpoint, key) = (&service.endpoint, &service.key);
    if !key.is_plausible() {
        return Err(ProviderError::BadKey);
    }
    let abort = Abort::new();
    let mut builder = private(url, &abort).mode(RequestMode::Cors);
    if service.wants_referrer() {
        builder = builder.referrer_policy(ReferrerPolicy::Origin);
    }
    for (name, value) in service.headers() {
        builder = builder.header(name, &value);
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
    let begin_max_ms = if body.is_some() { SILENCE_MAX_MS } else { LIST_MAX_MS };
    let response = match within(begin_max_ms, request.send()).await {
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
    if endpoint.is_loopback() && is_forbidden().await {
        return Unreachable::Forbidden;
    }
    let abort = Abort::new();
    let probe = private(&endpoint.url("/models", ""), &abort).mode(RequestMode::NoCors).send();
    let is_there = within(AFTERMATH_MAX_MS, probe).await.is_some_and(|answer| answer.is_ok());
    Unreachable::diagnose(endpoint, &origin, is_online, Some(is_there))
}

/// Whether the browser keeps this page from calling this device because the person said so. The
/// permission has had two names, and most browsers know neither.
async fn is_forbidden() -> bool {
    for name in ["loopback-network", "local-network-access"] {
        if permission(name).await.is_some_and(|state| state == "denied") {
            return true;
        }
    }
    false
}

async fn permission(name: &str) -> Option<String> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let permissions = get(web_sys::window()?.navigator().as_ref(), "permissions")?;
    let query: Function = get(&permissions, "query")?.dyn_into().ok()?;
    let wanted = Object::new();
    Reflect::set(&wanted, &JsValue::from_str("name"), &JsValue::from_str(name)).ok()?;
    let asked: Promise = query.call1(&permissions, &wanted).ok()?.dyn_into().ok()?;
    let status = within(AFTERMATH_MAX_MS, JsFuture::from(asked)).await?.ok()?;
    get(&status, "state")?.as_string()
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
