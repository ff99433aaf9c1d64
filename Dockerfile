# scl_fem in a small Debian (trixie, Python 3.13).
#
#   docker build -t scl-fem .
#   docker run --rm -v "$PWD":/work --user "$(id -u):$(id -g)" scl-fem run case.toml -o results
#   docker run --rm -v "$PWD":/work --user "$(id -u):$(id -g)" --entrypoint mpirun scl-fem -n 4 scl-fem run case.toml -o results
#
# scripts/test_container.sh carries these steps out without Docker. It knows FROM, ENV, RUN, COPY, WORKDIR, USER and
# ENTRYPOINT in the forms used here.
FROM debian:trixie-slim

# gcc and the headers: FFCx compiles forms when they are first used. The X, GL and EGL libraries: gmsh and VTK are
# linked to them or load them, display or not.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3-venv gcc libc6-dev libpython3-dev \
        libgl1 libegl1 libglu1-mesa libxft2 libxcursor1 libxinerama1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 scl \
    && mkdir /work && chown scl:scl /work

# Threads: one a rank, or ranks get in each other's way. VTK: draw without a display. Caches: in one place that every
# user may write to, whatever --user says.
ENV PATH=/opt/venv/bin:$PATH \
    OMP_NUM_THREADS=1 \
    VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow \
    PYVISTA_OFF_SCREEN=true \
    MPLBACKEND=Agg \
    XDG_CACHE_HOME=/var/cache/scl-fem \
    MPLCONFIGDIR=/var/cache/scl-fem/matplotlib

# The dependencies by themselves, from what declares and pins them, so that a change of the program leaves this large
# layer in the cache. The empty package stands for the program; what setuptools built of it has to go, because it is newer
# than the program's files and would be taken for up to date.
COPY pyproject.toml constraints.txt LICENSE /opt/scl-fem/
RUN python3 -m venv /opt/venv \
    && cd /opt/scl-fem && mkdir scl_fem && touch scl_fem/__init__.py \
    && pip install --no-cache-dir -c constraints.txt setuptools \
    && pip install --no-cache-dir -c constraints.txt --no-build-isolation . \
    && rm -rf build scl_fem *.egg-info

COPY scl_fem /opt/scl-fem/scl_fem/
COPY cases /opt/scl-fem/cases/
COPY meshes /opt/scl-fem/meshes/
COPY setup.py /opt/scl-fem/
RUN cd /opt/scl-fem \
    && pip install --no-cache-dir --no-deps --no-build-isolation --force-reinstall . \
    && rm -rf build scl_fem *.egg-info

# A coarse run in each dimension fills the caches (compiled forms, fonts): a user's first run is then as fast as the next.
RUN mkdir /tmp/warm && cd /tmp/warm \
    && for dimension in 1 2 3; do \
        scl-fem run /opt/scl-fem/cases/lvo_lagp_x0.2_1d.toml -o "$dimension" --quiet \
            --set mesh.dimension="$dimension" --set mesh.interface_size="0.2 nm" \
            --set mesh.electrode_thickness="2 nm" --set mesh.electrolyte_thickness="2 nm" || exit 1; \
    done \
    && rm -rf /tmp/warm && chmod -R a+rwX /var/cache/scl-fem

USER scl
WORKDIR /work
ENTRYPOINT ["scl-fem"]
