//! Kernel parameters as they are before an apply sets them, and their way back: a
//! file says what they are from the next boot on, and nothing about now.

use serde::{Deserialize, Serialize};

use crate::command::{Command, CommandError};
use crate::compare::Pending;
use crate::error::Error;
use crate::format::sysctl;
use crate::host::Host;
use crate::manifest::Step;

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameter {
    key: String,
    value: String,
}

/// What files are about to set, as it is now. Parameters that are not there yet,
/// such as those of an interface to come, are left out.
pub(crate) fn parameters(
    host: &mut Host<'_>,
    pending: &[Pending],
) -> Result<Vec<Parameter>, Error> {
    let mut parameters = Vec::new();
    for key in keys(pending) {
        match host.run(&Command::ReadSysctl(key.clone())) {
            Ok(output) => {
                let value = String::from_utf8_lossy(&output).trim().to_owned();
                if !value.is_empty() {
                    parameters.push(Parameter { key, value });
                }
            }
            Err(CommandError::NotRun(_) | CommandError::Failed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(parameters)
}

/// The parameters, each behind those that change it too.
fn keys(pending: &[Pending]) -> Vec<String> {
    let mut keys = Vec::new();
    let loaded = pending
        .iter()
        .filter(|pending| pending.change.steps_after.contains(&Step::ApplySysctl));
    for bytes in loaded.filter_map(|pending| pending.new.as_deref()) {
        for (key, _) in sysctl::parameters(&String::from_utf8_lossy(bytes)) {
            keys.push(key.to_owned());
            keys.extend(sysctl::also_changed(key).iter().map(|&key| key.to_owned()));
        }
    }
    keys.sort_by_key(|key| (key.contains(".conf."), key.clone()));
    keys.dedup();
    keys
}

/// Gives a parameter the value that it had. One that has it is not touched, because
/// setting some changes others.
pub(crate) fn restore(host: &mut Host<'_>, parameter: &Parameter) -> Result<(), CommandError> {
    let Parameter { key, value } = parameter;
    let now = host.run(&Command::ReadSysctl(key.clone()))?;
    if String::from_utf8_lossy(&now).trim() != value {
        host.run(&Command::SetSysctl {
            key: key.clone(),
            value: value.clone(),
        })?;
    }
    Ok(())
}
