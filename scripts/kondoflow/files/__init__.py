"""Every file the pipeline reads or writes: names, units, attributes, validation, atomic writes.

The package stands at the bottom of the house: it knows no physics and no network. The solver, the
autoencoder and the discovery code exchange data only through what is defined here.

HDF5 locks files in a way that network file systems (NFS, Lustre) often refuse; every file of the
pipeline has exactly one writer and appears under its name only when complete, so that the locks
are not needed and are switched off before the netCDF library is loaded.
"""

import os

os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
