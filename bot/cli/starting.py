"""What every service command does first: read the settings and the rules, and name every fault of both in one go.

Broken rules keep a service from starting for the first time; later it goes on with those that were in force.
"""

import os
from pathlib import Path

import structlog

from bot import bootstrap, log, settings
from bot.model.errors import BadInputError
from bot.service.rulebook import FileRulebook
from bot.settings import PREFIX, Settings

EXAMPLE = "deploy/env.example"


def ready(conf: Settings | None = None) -> Settings:
    """The settings, with logging set up; BadInputError with every fault of settings, rules and roster."""
    faults = []
    if conf is None:
        try:
            conf = settings.load()
        except BadInputError as error:
            faults.append(str(error))
    fault = _of_rules(conf)
    if fault and (conf is None or not bootstrap.was_in_force(conf)):
        faults.append(fault)
    if faults or conf is None:
        raise BadInputError("\n".join(faults))
    log.configure(conf.log_level, conf.log_format)
    for name, nearest in settings.unknown().items():
        meant = f"did you mean {nearest}?" if nearest else "no setting is like it"
        structlog.get_logger().warning("unknown_setting", name=name, hint=f"it is ignored: {meant}", see=EXAMPLE)
    return conf


def _of_rules(conf: Settings | None) -> str | None:
    rules, roster = _paths(conf)
    try:
        FileRulebook(rules, roster)
    except BadInputError as error:
        return f"the rules or the roster cannot be used:\n{error}"
    except OSError as error:
        return None if conf is None else f"the rules or the roster cannot be read: {error}"
    return None


def _paths(conf: Settings | None) -> tuple[Path | None, Path | None]:
    """Where rules and roster are, also when other settings are broken."""
    if conf is not None:
        return conf.rules, conf.roster
    named = (os.environ.get(PREFIX + "RULES"), os.environ.get(PREFIX + "ROSTER"))
    rules, roster = (Path(name) if name and Path(name).exists() else None for name in named)
    return rules, roster
