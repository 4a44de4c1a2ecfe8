//! A provider over HTTP: short links, which a server makes, and which take a moment until they work.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use tfplugin::prelude::*;

/// Where the links are made.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Settings {
    /// Address of the server, such as `http://localhost:8080`.
    #[tf(required)]
    endpoint: Attr<String>,
    /// Token of the account.
    #[tf(optional, sensitive)]
    token: Attr<String>,
}

/// What the settings become.
pub(crate) struct Api {
    http: reqwest::Client,
    endpoint: Option<String>,
    token: Option<String>,
    secrets: Arc<Secrets>,
}

impl ProviderData for Api {
    fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }
}

impl Api {
    /// Makes a call and returns the answer; `None`: there is no such link. It is never dropped before the answer is there,
    /// and has no time-out: either would lose what it has made.
    async fn call(&self, method: Method, path: &str, body: Option<Json>) -> Result<Option<Json>> {
        let Some(endpoint) = &self.endpoint else {
            let detail = "`endpoint` depends on what is not applied yet.";
            return Err(Diagnostic::error("Endpoint not known yet", detail).into());
        };
        let mut request = self.http.request(method, format!("{endpoint}/links{path}"));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            _ if status.is_success() => Ok(Some(serde_json::from_str(&text).map_err(failed)?)),
            _ => Err(Diagnostic::error("The server refused the call", format!("{status}: {text}")).into()),
        }
    }
}

fn failed(why: impl std::error::Error) -> Diagnostics {
    Diagnostic::error("The call failed", why.to_string()).into()
}

/// A short link.
#[derive(Model)]
pub(crate) struct Link {
    /// Name of the link, which the server chooses.
    #[tf(computed)]
    id: Attr<String>,
    /// Where it leads.
    #[tf(required, len = 1..=200, via = "Changing it lets the same link lead elsewhere.")]
    target: Attr<String>,
    /// Whether it works yet: `pending` or `active`.
    #[tf(computed, volatile)]
    status: Attr<String>,
}

impl Link {
    fn path(&self) -> String {
        format!("/{}", self.id.text_or_empty())
    }

    fn answered(&mut self, answer: &Json) {
        let text = |name: &str| Attr::from_option(answer[name].as_str().map(str::to_owned));
        (self.id, self.target, self.status) = (text("id"), text("target"), text("status"));
    }
}

impl Resource for Link {
    type Model = Self;
    type Data = Api;
    const TYPE: &'static str = "links_link";
    const TIMEOUTS: Option<Timeouts> = Some(Timeouts { create: 300, update: 60, delete: 60 });

    async fn create(cx: &Context<Api>, mut plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        let body = json!({ "target": plan.target.text() });
        let made = cx.data.call(Method::POST, "", Some(body)).await?;
        plan.answered(&made.unwrap_or_default());
        writer.save(&plan); // before anything else can fail
        while plan.status.text() != Some("active") {
            cx.until_stopped(tokio::time::sleep(Duration::from_millis(10))).await?;
            let read = cx.data.call(Method::GET, &plan.path(), None).await?;
            plan.answered(&read.ok_or_else(|| Diagnostic::error("The link vanished", "Apply again."))?);
            writer.save(&plan);
        }
        Ok(())
    }

    async fn read(cx: &Context<Api>, mut state: Self) -> Result<Option<Self>> {
        let read = cx.until_stopped(cx.data.call(Method::GET, &state.path(), None)).await??;
        Ok(read.map(|it| {
            state.answered(&it);
            state
        }))
    }

    async fn update(cx: &Context<Api>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let mut link = changes.planned;
        let body = json!({ "target": link.target.text() });
        let changed = cx.data.call(Method::PUT, &link.path(), Some(body)).await?;
        link.answered(&changed.ok_or_else(|| Diagnostic::error("The link is gone", "Plan again."))?);
        writer.save(&link);
        Ok(())
    }

    async fn delete(cx: &Context<Api>, state: Self) -> Result<()> {
        cx.data.call(Method::DELETE, &state.path(), None).await.map(drop) // gone already: all is well
    }
}

/// The provider.
pub(crate) struct Links;

impl Provider for Links {
    type Config = Settings;
    type Data = Api;
    const ADDRESSES: &'static [&'static str] = &["example/links"];

    fn resources() -> Vec<Box<dyn DynResource<Api>>> {
        vec![resource::<Link>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<Api> {
        let secrets = Arc::<Secrets>::default();
        settings.token.text().into_iter().for_each(|it| secrets.learn(it));
        let text = |it: &Attr<String>| it.text().map(str::to_owned);
        // TLS is whatever other packages of a build ask reqwest for; where it needs cryptography, it is ring's, as tfplugin's is.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().map_err(failed)?;
        Ok(Api { http, endpoint: text(&settings.endpoint), token: text(&settings.token), secrets })
    }
}

/// The whole of the program.
pub(crate) fn main() -> ExitCode {
    tfplugin::serve::<Links>(PluginInfo::new(env!("CARGO_PKG_VERSION"), env!("CARGO_CRATE_NAME")))
}
