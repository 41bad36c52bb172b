//! Containers into SOAR, over its REST API, each of them once.
//!
//! A container is posted with its artifacts inline, several containers in one request. Whatever
//! becomes of a request (an answer that breaks off, 500 after saving, a time-out), posting it again
//! is safe: SOAR tells a container that is there by its `source_data_identifier`, and what it lacks
//! of its artifacts is added. SOAR has no such check for artifacts, so these are looked up first.

mod answer;
mod body;
mod client;

use std::{
    collections::HashMap,
    iter::Peekable,
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use serde_json::Value;

use self::{
    answer::{Page, Saved, saved},
    body::Body,
    client::{Answer, Client, Failed},
};
use crate::{
    config::Soar,
    model::{Batch, Parsed, Rejection, RejectionKind, json, text::shorten},
    ports::{Deliver, DeliverError},
};

/// Bytes of one request that holds several containers.
const MAX_REQUEST: usize = 4 << 20;
/// Artifacts that are asked for at a time, and added at a time.
const PAGE: usize = 500;
/// Characters of what is said in place of a list.
const WORDS: usize = 200;

/// Posts containers.
pub struct SoarRest {
    client: Client,
    asset_id: Option<u64>,
    /// When this process had sent nothing yet.
    born: Instant,
    /// Whether an earlier process may have delivered the present batch.
    begun: bool,
    /// Containers of one request; 1 once SOAR has shown that it doesn't take lists.
    bulk: usize,
}

/// What became of a container that is dealt with.
enum Fate {
    Saved,
    /// SOAR will never take it.
    Refused(String),
    /// It is there, without these artifacts, which SOAR will never take.
    Lacks(Vec<(usize, String)>),
}

impl SoarRest {
    /// `stop` ends the waiting for a SOAR that doesn't answer.
    #[must_use]
    pub fn new(soar: &Soar, stop: Arc<AtomicBool>) -> Self {
        Self {
            client: Client::new(soar, stop),
            asset_id: soar.asset_id,
            born: Instant::now(),
            begun: false,
            bulk: soar.bulk,
        }
    }

    /// Whether SOAR answers and takes the token: its version.
    ///
    /// # Errors
    ///
    /// [`DeliverError`], after one try.
    pub fn check(&self) -> Result<String, DeliverError> {
        let answer = self.client.once(|| self.client.get("version", &[]))?;
        match answer.body["version"].as_str() {
            Some(version) => Ok(version.to_owned()),
            None => self
                .client
                .once(|| Err(Failed::Foreign("it tells no version".to_owned()))),
        }
    }

    /// Posts containers in one request. Those whose answer leaves a question are posted again by
    /// themselves.
    fn several(&mut self, bodies: &[Body<'_>]) -> Result<Vec<Fate>, DeliverError> {
        if bodies.len() > 1 && self.bulk > 1 {
            let request = body::list(bodies.iter().map(|body| body.json.as_str()));
            let answer = self
                .client
                .persist(|| self.client.post("container", &request))?;
            match answer.body {
                Value::Array(each) if each.len() == bodies.len() => {
                    return bodies
                        .iter()
                        .zip(&each)
                        .map(|(body, answer)| match saved(answer) {
                            Some(Saved::New { artifacts, .. }) if is_whole(body, artifacts) => {
                                Ok(Fate::Saved)
                            }
                            _ => self.one(body),
                        })
                        .collect();
                }
                _ if answer.status >= 400 => {
                    tracing::warn!(
                        "SOAR does not take several containers at once (status {}): each is posted \
                         by itself",
                        answer.status
                    );
                    self.bulk = 1;
                }
                _ => {}
            }
        }
        bodies.iter().map(|body| self.one(body)).collect()
    }

    fn one(&self, body: &Body<'_>) -> Result<Fate, DeliverError> {
        let saved = self.client.persist(|| {
            let answer = self.client.post("container", &body.json)?;
            understood(&answer)
        })?;
        match saved {
            Saved::New { artifacts, .. } if is_whole(body, artifacts) => Ok(Fate::Saved),
            Saved::New { id, .. } | Saved::Exists { id } => self.complete(body, id),
            // Of several artifacts it may be one that SOAR won't take.
            Saved::Refused(reason) if body.sources.len() > 1 => self.apart(body, reason),
            Saved::Refused(reason) => Ok(Fate::Refused(reason)),
        }
    }

    /// Posts a container that was refused without its artifacts, and then these, so that one that
    /// SOAR refuses takes no other along.
    fn apart(&self, body: &Body<'_>, reason: String) -> Result<Fate, DeliverError> {
        let saved = self.client.persist(|| {
            let bare = body::bare(body.ingest, self.asset_id)
                .map_err(|error| Failed::Foreign(error.to_string()))?;
            understood(&self.client.post("container", &bare)?)
        })?;
        match saved {
            Saved::New { id, .. } | Saved::Exists { id } => self.complete(body, id),
            // The container itself is what it won't take.
            Saved::Refused(_) => Ok(Fate::Refused(reason)),
        }
    }

    /// Adds the artifacts that a container lacks.
    fn complete(&self, body: &Body<'_>, id: u64) -> Result<Fate, DeliverError> {
        self.client.persist(|| {
            let mut there = self.artifacts(id)?;
            let mut lacking = Vec::new();
            for (number, artifact) in body.ingest.artifacts().enumerate() {
                let name = identifier(artifact);
                match there.get_mut(&name) {
                    Some(count @ 1..) => *count -= 1,
                    _ => lacking.push((number, artifact)),
                }
            }
            if self.begun && !lacking.is_empty() {
                // A request of the process before may still be under way.
                let early = self.client.timeout().saturating_sub(self.born.elapsed());
                if !early.is_zero() {
                    return Err(Failed::Passing {
                        cause: "what an earlier process sent may still be under way".to_owned(),
                        after: Some(early),
                    });
                }
            }
            let mut refused = Vec::new();
            for page in lacking.chunks(PAGE) {
                refused.append(&mut self.add(id, page)?);
            }
            Ok(if refused.is_empty() {
                Fate::Saved
            } else {
                Fate::Lacks(refused)
            })
        })
    }

    /// How many artifacts of each identifier a container has.
    fn artifacts(&self, container: u64) -> Result<HashMap<String, usize>, Failed> {
        let (container, size) = (container.to_string(), PAGE.to_string());
        let mut there = HashMap::new();
        for page in 0.. {
            let answer = self.client.get(
                "artifact",
                &[
                    ("_filter_container_id", container.as_str()),
                    ("page", &page.to_string()),
                    ("page_size", &size),
                    ("sort", "id"),
                    ("order", "asc"),
                ],
            )?;
            let status = answer.status;
            if status >= 400 {
                let said = shorten(&answer.body.to_string(), WORDS).into_owned();
                return Err(Failed::Foreign(format!("status {status}: {said}")));
            }
            let found: Page = serde_json::from_value(answer.body).map_err(|error| {
                Failed::passing(format!(
                    "status {status}, and no list of artifacts: {error}"
                ))
            })?;
            for artifact in found.data {
                *there
                    .entry(artifact.source_data_identifier.unwrap_or_default())
                    .or_insert(0) += 1;
            }
            if page + 1 >= found.num_pages {
                break;
            }
        }
        Ok(there)
    }

    /// Adds artifacts: those that SOAR will never take, with its reasons. After a failure it isn't
    /// known which are there, so whoever calls looks again - and not before a request that was hung
    /// up on has had its time.
    fn add(
        &self,
        container: u64,
        artifacts: &[(usize, &str)],
    ) -> Result<Vec<(usize, String)>, Failed> {
        let foreign = |error: json::NotAnObject| Failed::Foreign(error.to_string());
        let bodies: Vec<String> = artifacts
            .iter()
            .map(|(_, artifact)| body::artifact(artifact, container).map_err(foreign))
            .collect::<Result<_, _>>()?;
        let request = match &bodies[..] {
            [one] => one.clone(),
            several => body::list(several.iter().map(String::as_str)),
        };
        let answer = self
            .client
            .post("artifact", &request)
            .map_err(|failed| match failed {
                Failed::Passing { cause, after } => Failed::Passing {
                    after: Some(after.unwrap_or_default().max(self.client.timeout())),
                    cause,
                },
                other => other,
            })?;
        let each = match answer.body {
            Value::Array(each) => each,
            one => vec![one],
        };
        if each.len() != artifacts.len() {
            // The list as such is refused: which of them, and why, each by itself tells.
            return match each.first().and_then(saved) {
                Some(Saved::Refused(_)) if artifacts.len() > 1 => {
                    let one_by_one = artifacts.chunks(1).map(|one| self.add(container, one));
                    Ok(one_by_one.collect::<Result<Vec<_>, _>>()?.concat())
                }
                _ => Err(Failed::passing("an answer that is none of SOAR's")),
            };
        }
        let mut refused = Vec::new();
        for (&(number, _), answer) in artifacts.iter().zip(&each) {
            match saved(answer) {
                Some(Saved::New { .. } | Saved::Exists { .. }) => {}
                Some(Saved::Refused(reason)) => refused.push((number, reason)),
                None => return Err(Failed::passing("an answer that is none of SOAR's")),
            }
        }
        Ok(refused)
    }
}

/// Whether a new container has all its artifacts. A SOAR that doesn't tell has saved them: a
/// container and its artifacts are all or nothing.
fn is_whole(body: &Body<'_>, artifacts: Option<usize>) -> bool {
    artifacts.is_none_or(|saved| saved >= body.ingest.artifacts().len())
}

fn understood(answer: &Answer) -> Result<Saved, Failed> {
    saved(&answer.body).ok_or_else(|| {
        Failed::passing(format!(
            "status {}, and an answer that is none of SOAR's",
            answer.status
        ))
    })
}

fn identifier(artifact: &str) -> String {
    let name = json::text(artifact, "source_data_identifier");
    name.ok().flatten().unwrap_or_default()
}

impl Deliver for SoarRest {
    fn deliver(
        &mut self,
        batch: &Batch,
        parsed: &Parsed,
        begun: bool,
    ) -> Result<Vec<Rejection>, DeliverError> {
        self.begun = begun;
        let mut unwanted: HashMap<usize, String> = HashMap::new();
        let mut bodies = Body::all(parsed, self.asset_id).peekable();
        while bodies.peek().is_some() {
            let request = self.request(&mut bodies).map_err(|error| DeliverError {
                message: format!("a container can't be sent: {error}"),
                hint: "this is a defect of kafka-soar".to_owned(),
            })?;
            for (body, fate) in request.iter().zip(self.several(&request)?) {
                let refused = match fate {
                    Fate::Saved => continue,
                    Fate::Refused(reason) => vec![(None, reason)],
                    Fate::Lacks(refused) => refused
                        .into_iter()
                        .map(|(number, reason)| (Some(number), reason))
                        .collect(),
                };
                for (artifact, reason) in refused {
                    let reason = format!("SOAR refused what the parser made of it: {reason}");
                    let one = artifact.and_then(|number| body.sources.get(number));
                    let records = match one {
                        Some(&record) => vec![record],
                        None => body.ingest.records(batch.len()),
                    };
                    for record in records {
                        unwanted.entry(record).or_insert_with(|| reason.clone());
                    }
                }
            }
        }
        let mut unwanted: Vec<Rejection> = unwanted
            .into_iter()
            .map(|(index, reason)| Rejection {
                index,
                kind: RejectionKind::Unwanted,
                reason,
            })
            .collect();
        unwanted.sort_by_key(|rejection| rejection.index);
        Ok(unwanted)
    }
}

impl SoarRest {
    /// The containers that go into the next request.
    fn request<'a>(
        &self,
        bodies: &mut Peekable<impl Iterator<Item = Result<Body<'a>, json::NotAnObject>>>,
    ) -> Result<Vec<Body<'a>>, json::NotAnObject> {
        let mut request = Vec::new();
        let mut bytes = 0;
        while request.len() < self.bulk
            && let Some(body) = bodies.next_if(|body| {
                let length = body.as_ref().map_or(0, |body| body.json.len());
                request.is_empty() || bytes + length <= MAX_REQUEST
            })
        {
            let body = body?;
            bytes += body.json.len();
            request.push(body);
        }
        Ok(request)
    }
}
