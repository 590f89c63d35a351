"""``python -m report_api.main``: the API in a cluster."""

import logging
import sys

from report_api.app import create_app
from report_api.keysource import FileKeys
from report_api.serving import run
from report_api.settings import ApiSettings
from report_contract import objectkeys
from report_stores.imports_kubernetes import KubernetesImports
from report_stores.kubernetes_api import KubernetesApi
from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings


def main() -> None:
    """Serve the API with the imports of one namespace."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = ApiSettings()
    objects = ObjectStore(StorageSettings())
    imports = KubernetesImports(KubernetesApi(), highest_known=lambda: highest_report_id(objects))
    run(create_app(settings, objects, imports, FileKeys(settings.keys_file)))


def highest_report_id(objects: ObjectStore) -> int:
    """The highest number that a report in storage has; 0 when there is none. Looks at every import's folder,
    so it is asked only when the counter in the cluster is gone.
    """
    return max((objectkeys.report_id_of_key(folder) or 0 for folder in objects.folders(objectkeys.IMPORTS)), default=0)


if __name__ == "__main__":
    main()
