//! `GET /rest/container` and `GET /rest/artifact`: filters and pages.

use rusqlite::{Connection, OptionalExtension as _, Row, params_from_iter, types::Value as Sql};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::model::text::shorten;

const PAGE_SIZE: u64 = 10;

/// Containers or artifacts.
#[derive(Clone, Copy)]
pub(super) enum Table {
    Container,
    Artifact,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// It is the request's fault.
    Request(String),
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

enum Type {
    Text,
    Number,
}

/// What `_filter_` may be followed by, and the column that it means.
const CONTAINER: &[(&str, &str, Type)] = &[
    ("id", "id", Type::Number),
    ("asset", "asset", Type::Number),
    (
        "source_data_identifier",
        "source_data_identifier",
        Type::Text,
    ),
    ("name", "name", Type::Text),
    ("label", "label", Type::Text),
];
const ARTIFACT: &[(&str, &str, Type)] = &[
    ("id", "id", Type::Number),
    ("container", "container", Type::Number),
    ("container_id", "container", Type::Number),
    (
        "source_data_identifier",
        "source_data_identifier",
        Type::Text,
    ),
    ("name", "name", Type::Text),
    ("label", "label", Type::Text),
];

/// The parameters of a request for a list.
#[derive(Debug)]
struct Query {
    /// ` WHERE …`, or nothing.
    filter: String,
    values: Vec<Sql>,
    page: u64,
    page_size: u64,
    order: &'static str,
}

impl Table {
    fn filters(self) -> &'static [(&'static str, &'static str, Type)] {
        match self {
            Self::Container => CONTAINER,
            Self::Artifact => ARTIFACT,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Artifact => "artifact",
        }
    }

    fn columns(self) -> &'static str {
        match self {
            Self::Container => {
                "id, source_data_identifier, created, body, asset, \
                 (SELECT count(*) FROM artifact WHERE artifact.container = container.id)"
            }
            Self::Artifact => "id, source_data_identifier, created, body, container",
        }
    }

    /// A record as SOAR shows it: what was sent, and what SOAR adds or calls by another name.
    fn record(self, row: &Row<'_>) -> rusqlite::Result<Value> {
        let body: String = row.get(3)?;
        let mut record: Map<String, Value> = serde_json::from_str(&body).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                3,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?;
        record.insert("id".into(), row.get::<_, i64>(0)?.into());
        record.insert(
            "source_data_identifier".into(),
            row.get::<_, String>(1)?.into(),
        );
        record.insert("create_time".into(), row.get::<_, String>(2)?.into());
        let defaults: &[(&str, &str)] = match self {
            Self::Container => {
                record.shift_remove("asset_id");
                record.insert("asset".into(), row.get::<_, Option<i64>>(4)?.into());
                record.insert("artifact_count".into(), row.get::<_, i64>(5)?.into());
                &[
                    ("severity", "medium"),
                    ("sensitivity", "amber"),
                    ("status", "new"),
                ]
            }
            Self::Artifact => {
                record.insert("container".into(), row.get::<_, i64>(4)?.into());
                &[("severity", "medium")]
            }
        };
        for (field, value) in defaults {
            if !record.contains_key(*field) {
                record.insert((*field).into(), (*value).into());
            }
        }
        Ok(Value::Object(record))
    }

    /// The record with this id.
    pub(super) fn one(self, connection: &Connection, id: i64) -> rusqlite::Result<Option<Value>> {
        let sql = format!(
            "SELECT {} FROM {} WHERE id = ?",
            self.columns(),
            self.name()
        );
        connection
            .prepare_cached(&sql)?
            .query_row([id], |row| self.record(row))
            .optional()
    }

    /// The page that the parameters ask for, by id.
    pub(super) fn list(self, connection: &Connection, parameters: &str) -> Result<Value, Failed> {
        let query = self.query(parameters).map_err(Failed::Request)?;
        let sql = format!("SELECT count(*) FROM {}{}", self.name(), query.filter);
        let count: u64 = connection
            .prepare_cached(&sql)?
            .query_row(params_from_iter(&query.values), |row| row.get(0))?;
        let (limit, pages) = match query.page_size {
            0 => (i64::MAX, count.min(1)),
            size => (
                i64::try_from(size).unwrap_or(i64::MAX),
                count.div_ceil(size),
            ),
        };
        let offset = query.page.saturating_mul(query.page_size);
        let sql = format!(
            "SELECT {} FROM {}{} ORDER BY id {} LIMIT ? OFFSET ?",
            self.columns(),
            self.name(),
            query.filter,
            query.order
        );
        let mut values = query.values;
        values.push(limit.into());
        values.push(i64::try_from(offset).unwrap_or(i64::MAX).into());
        let data = connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(&values), |row| self.record(row))?
            .collect::<rusqlite::Result<Vec<Value>>>()?;
        Ok(json!({"count": count, "num_pages": pages, "data": data}))
    }

    fn query(self, parameters: &str) -> Result<Query, String> {
        let mut query = Query {
            filter: String::new(),
            values: Vec::new(),
            page: 0,
            page_size: PAGE_SIZE,
            order: "ASC",
        };
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            let number = || {
                value.parse::<u64>().map_err(|_| {
                    let value = shorten(&value, 80);
                    format!("{name} is {value}, but must be an integer from 0")
                })
            };
            match name.as_ref() {
                "page" => query.page = number()?,
                "page_size" => query.page_size = number()?,
                "sort" if value == "id" => {}
                "order" if value == "asc" => query.order = "ASC",
                "order" if value == "desc" => query.order = "DESC",
                "sort" | "order" => {
                    let value = shorten(&value, 80);
                    return Err(format!(
                        "{name} is {value}: there are sort=id, order=asc and desc"
                    ));
                }
                _ => {
                    let filters = self.filters();
                    let wanted = name.strip_prefix("_filter_");
                    let found = filters.iter().find(|(field, ..)| Some(*field) == wanted);
                    let Some((_, column, kind)) = found else {
                        let fields: Vec<&str> = filters.iter().map(|(field, ..)| *field).collect();
                        return Err(format!(
                            "there is no parameter {}: there are page, page_size, sort, order and _filter_ \
                             with {}",
                            shorten(&name, 80),
                            fields.join(", ")
                        ));
                    };
                    let word = if query.values.is_empty() {
                        " WHERE "
                    } else {
                        " AND "
                    };
                    query.filter = format!("{}{word}{column} = ?", query.filter);
                    query.values.push(operand(&name, &value, kind)?);
                }
            }
        }
        Ok(query)
    }
}

/// A filter's value: a text in double quotes, with JSON's escapes, or a number as it is.
fn operand(name: &str, value: &str, kind: &Type) -> Result<Sql, String> {
    let wrong = |must: &str| format!("{name} is {}, but must be {must}", shorten(value, 80));
    match kind {
        Type::Text => serde_json::from_str::<String>(value)
            .map(Sql::Text)
            .map_err(|_| wrong("a text in double quotes")),
        Type::Number => value
            .parse::<i64>()
            .map(Sql::Integer)
            .map_err(|_| wrong("an integer without quotes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_columns_and_values() {
        let query = Table::Artifact
            .query(
                "_filter_container_id=5&page_size=0&_filter_source_data_identifier=%22a%5C%22b%22",
            )
            .unwrap();
        assert_eq!(
            query.filter,
            " WHERE container = ? AND source_data_identifier = ?"
        );
        assert_eq!(query.values, [Sql::Integer(5), Sql::Text("a\"b".into())]);
        assert_eq!((query.page, query.page_size), (0, 0));
    }

    #[test]
    fn other_parameters_and_values_are_refused_by_name() {
        for (parameters, named) in [
            ("page=-1", "page is -1"),
            ("page_size=all", "page_size is all"),
            ("sort=name", "sort is name: there are sort=id"),
            ("order=up", "order is up"),
            ("_filter_id=%225%22", "_filter_id is \"5\""),
            ("_filter_name=plain", "_filter_name is plain"),
            ("_filter_name=%27single%27", "double quotes"),
            (
                "_filter_container_id=5",
                "no parameter _filter_container_id",
            ),
            ("_filter_body=%22x%22", "no parameter _filter_body"),
            ("include=id", "no parameter include"),
        ] {
            let error = Table::Container.query(parameters).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
