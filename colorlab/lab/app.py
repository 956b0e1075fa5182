"""Serve the photo lab as a web page with Voilà, for people who do not want a notebook.

Voilà shows what a notebook's cells show, without their code. The notebook here has one cell and
lies in a temporary folder. Each page that is opened runs it in its own kernel.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import secrets
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ipykernel.kernelspec import write_kernel_spec
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.errors import ColorlabError
from colorlab.quiet import import_keras

CELL = """import os

from colorlab import Colorizer
from colorlab.lab.widgets import ColorizeLab

os.chdir({folder!r})
{prepare}
lab = ColorizeLab({photo!r}, {model})
lab.layout = {{"margin": "0 auto", "width": "100%"}}
lab"""


def serve(
    photo: Path | None = None,
    model: Path | None = None,
    *,
    port: int = 8866,
    ip: str = "127.0.0.1",
    allow_remote: bool = False,
    base_url: str | None = None,
) -> None:
    """Serve the photo lab until Ctrl-C, and print its address.

    Anyone with the address can read and write photos with the rights of the user who runs this. So
    the address contains a random token, without which page and kernel are refused, and only this
    machine can reach it unless `allow_remote`.

    Args:
        photo: the photo that the lab opens; by default its first sample.
        model: a run's folder or a `.keras` file; by default the model that ships.
        ip, port: where to listen; "0.0.0.0" stands for every network of this machine.
        allow_remote: allow an `ip` that other machines can reach.
        base_url: the path that a proxy strips before it passes a request on, such as
            "/user/x/proxy/8866/"; by default the path where JupyterHub serves `port`, or "/"
            outside JupyterHub.

    Raises:
        PhotoError: if `photo` cannot be read.
        ColorlabError: if the model cannot be loaded, other machines could reach `ip` without
            `allow_remote`, the server cannot listen there, or `base_url` is not a path.
    """
    # Errors are reported here, in the shell: a page would only say that a cell failed.
    if not (allow_remote or _is_loopback(ip)):
        raise ColorlabError(
            f"Other machines may reach {ip}, and whoever has the address could read and write "
            "photos as you; use --ip 127.0.0.1, or allow it with --allow-remote."
        )
    hub = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    base_url = base_url or (f"{hub}proxy/{port}/" if hub else "/")
    if not (base_url.startswith("/") and base_url.endswith("/")):
        raise ColorlabError(
            f"--base-url is {base_url!r}; expected a path that begins and ends with /, such as "
            f"/user/x/proxy/{port}/."
        )
    if photo:
        photos.read(photo)
    if model:
        import_keras()
        Colorizer.load(model)
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        socket.create_server((ip, port), family=family).close()
    except OSError as error:
        raise ColorlabError(
            f"Cannot listen at {ip}:{port} ({error.strerror}); choose another port or address."
        ) from None

    with TemporaryDirectory(prefix="colorlab-") as name:
        folder = Path(name)
        # The kernel "python3" may be another Python on this machine; our own kernel is this one.
        write_kernel_spec(folder / "kernels" / "colorlab", extra_arguments=["--log-level=ERROR"])
        # Jupyter and IPython store their files there too, because the home may not be writable.
        kinds = ("JUPYTER_PATH", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
        os.environ |= dict.fromkeys(kinds, name)
        token = secrets.token_hex(24)
        server = Voila(
            notebook_path=str(write_notebook(folder, photo, model)),
            ip=ip,
            port=port,
            port_retries=0,
            base_url=base_url,  # where the page's links lead
            server_url="/",  # where requests arrive, once a proxy has stripped the path
            token=token,
            open_browser=False,
            connection_dir_root=name,
            config_file_paths=[],  # the user's settings could turn off the token
            config=Config(
                # By default the name is also that of a Jupyter server which is our proxy. Its
                # cookie would hide ours.
                IdentityProvider={"cookie_name": f"colorlab-{port}"},
                # A closed page leaves its kernel running, with the network in memory.
                MappingKernelManager={"cull_idle_timeout": 60, "cull_interval": 30},
            ),
        )
        server.initialize([])
        host = f"[{ip}]" if ":" in ip else ip
        if ip in ("0.0.0.0", "::"):
            host = socket.gethostname()
        place = f"http://{host}:{port}/?token={token}"
        if base_url != "/":
            place = f"{base_url}?token={token} on your {'JupyterHub' if hub else 'proxy'}"
        line = f"The photo lab is at {place} (Ctrl-C stops it)"
        logging.disable()  # each refused request would log a page of text
        # The loop's first task, so that the address is printed once the server runs.
        IOLoop.current().add_callback(print, line, flush=True)
        server.start()


def write_notebook(folder: Path, photo: Path | None, model: Path | None) -> Path:
    """Write the notebook that is served; its name is the page's title.

    Its kernel starts in `folder`, which is deleted at the end, and moves to the folder where the
    command was typed. So paths typed into the lab begin there, and what the lab saves stays.
    """
    source = CELL.format(
        folder=str(Path.cwd()),
        photo=str(photo.absolute()) if photo else None,
        # The model that ships needs no Keras.
        prepare="from colorlab.quiet import import_keras\nimport_keras()" if model else "",
        model=f"Colorizer.load({str(model.absolute())!r})" if model else None,
    )
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}}
    cell |= {"outputs": [], "source": source}
    kernel = {"kernelspec": {"name": "colorlab", "display_name": "colorlab"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    path = folder / "colorlab.ipynb"
    path.write_text(json.dumps(notebook))
    return path


def _is_loopback(ip: str) -> bool:
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:  # a host name
        return ip == "localhost"
