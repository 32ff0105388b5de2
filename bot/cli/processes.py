"""Commands that start processes: each alone, or all on one machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.program import cli, console, settings_now, until_stopped
from bot.loading import nothing_is_garbage

if TYPE_CHECKING:
    from bot.settings import Settings


@cli.command()
def up(
    rasa: Annotated[bool, typer.Option(help="Start Rasa as a child.")] = True,
) -> None:
    """Start everything on this one machine: gateway, worker, actions, console, and Rasa."""
    with nothing_is_garbage():
        from bot import bootstrap, processes

        settings = settings_now()
        processes.prepare_database(settings)
        apart = processes.Apart(gateways=settings.gateway_processes)
        everything = processes.Everything(bootstrap.build(settings), apart)
    everything.start(with_rasa=rasa)
    console.print(f"gateway  http://{settings.gateway_host}:{settings.gateway_port}")
    if everything.console_refused:
        console.print(f"console  not started: {everything.console_refused}", style="red")
    else:
        console.print(f"console  {settings.console_url}")
    until_stopped(everything.stop)


@cli.command()
def demo(
    port: Annotated[
        int | None, typer.Option(help="Port of the page; else TEND_SANDBOX_PORT, 8080.")
    ] = None,
) -> None:
    """The sandbox: phones in a web page, nobody real, no account, no key."""
    _refuse_taken_ports(port)
    _say_that_it_starts()
    from bot.sandbox import demo as sandbox

    sandbox.run(port=port, console=console, until_stopped=until_stopped)


@cli.command()
def chat() -> None:
    """Text as a mother, in the terminal; /help inside."""
    _sandbox_settings()  # what is wrong in them is said before anything starts
    _say_that_it_starts()
    from bot.sandbox import demo as sandbox

    sandbox.chat(console=console)


def _refuse_taken_ports(page: int | None) -> None:
    """Before it is said that anything starts.

    :param page: of the sandbox's page, where it is not the one in the settings.
    :raises ConfigError: a setting is wrong, or a port is taken.
    """
    from bot import servers

    settings = _sandbox_settings()
    for name, host, port in (
        ("sandbox", "127.0.0.1", settings.sandbox_port if page is None else page),
        ("gateway", settings.gateway_host, settings.gateway_port),
        ("actions", settings.actions_host, settings.actions_port),
        ("console", settings.console_host, settings.console_port),
    ):
        servers.listen(host, port, name=name).close()


def _sandbox_settings() -> "Settings":
    """The ones that a sandbox takes from here; the others it makes for itself."""
    from bot.settings import ProviderName, load_settings

    return load_settings(sms_provider=ProviderName.SANDBOX, production=False, canary=False)


def _say_that_it_starts() -> None:
    """Before anything heavy is loaded: on a busy machine that alone takes a while."""
    console.print(
        "Starting gateway, worker, actions and Rasa: half a minute on a quiet machine, longer "
        "while something else keeps it busy, as another demo or a training does.",
        soft_wrap=True,
    )


@cli.command("gateway")
def run_gateway() -> None:
    """The public door alone."""
    with nothing_is_garbage():
        from bot import bootstrap, gateway, processes

        settings = settings_now()
        app = bootstrap.build(settings)
    server = processes.Server(
        gateway.build(app),
        host=settings.gateway_host,
        port=settings.gateway_port,
        name="gateway",
    ).start()
    app.settle()
    until_stopped(server.stop)


@cli.command("console")
def run_console() -> None:
    """The console alone: what staff open in a browser."""
    from bot import bootstrap, processes
    from bot.console.app import build as build_console

    settings = settings_now()
    web = build_console(bootstrap.build(settings))
    server = processes.Server(
        web, host=settings.console_host, port=settings.console_port, name="console"
    ).start()
    console.print(f"console  {settings.console_url}")

    def stop() -> None:
        web.state.desk.closing.set()
        server.stop()

    until_stopped(stop)


@cli.command("actions")
def run_actions() -> None:
    """The action server alone."""
    from bot import bootstrap, processes

    settings = settings_now()
    token = settings.action_token.get_secret_value()
    server = processes.Server(
        processes.actions_app(bootstrap.current_app, token),
        host=settings.actions_host,
        port=settings.actions_port,
        name="actions",
    ).start()
    # Its screening is the second net: the first text in it must not wait for the encoder.
    bootstrap.current_app().settle()
    until_stopped(server.stop)


@cli.command("worker")
def run_worker() -> None:
    """The worker alone; as many as you like."""
    from bot import bootstrap
    from bot.worker import run_for_ever

    run_for_ever(bootstrap.build(settings_now()))


@cli.command("rasa")
def run_rasa() -> None:
    """Rasa alone, on the loopback."""
    from bot import processes

    process = processes.rasa_process(settings_now())
    process.start()
    until_stopped(process.stop)
