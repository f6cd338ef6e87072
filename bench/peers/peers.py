"""One 720p selfie from JPEG bytes to a cosine, through several systems in turn, on one thread. See README.md."""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402

cv2.setNumThreads(1)

# ArcFace's places of the five points in a 112x112 crop.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)


def models_dir():
    cache = os.environ.get("SMILEPAY_CACHE")
    return Path(cache) if cache else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "smilepay/models"


def frame_720p(portrait):
    """The portrait as high as the frame, with coarse texture beside it, as `smilepay evaluate faces` times it."""
    picture = cv2.imread(str(portrait))
    if picture is None:
        sys.exit(f"cannot read {portrait}")
    h, w = picture.shape[:2]
    picture = cv2.resize(picture, (min(1280, max(1, w * 720 // h)), 720))
    x, y = np.meshgrid(np.arange(1280), np.arange(720))
    v = ((x // 7 * 31 + y // 5 * 17) % 200).astype(np.uint8)
    frame = np.dstack([255 - v, v // 2 + 60, v])
    left = (1280 - picture.shape[1]) // 2
    frame[:, left : left + picture.shape[1]] = picture
    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


class OpenCv:
    """The way of OpenCV's own face recognition sample; `long_side` shrinks the detector's picture."""

    def __init__(self, files, long_side=None):
        self.long_side = long_side
        self.detector = cv2.FaceDetectorYN.create(str(files / "yunet.onnx"), "", (320, 320), 0.6, 0.3, 512)
        self.recogniser = cv2.FaceRecognizerSF.create(str(files / "sface.onnx"), "")

    def vector(self, jpeg):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        h, w = picture.shape[:2]
        scale = self.long_side / max(h, w) if self.long_side else 1.0
        small = cv2.resize(picture, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA) if self.long_side else picture
        self.detector.setInputSize((small.shape[1], small.shape[0]))
        _, faces = self.detector.detect(small)
        if faces is None:
            raise RuntimeError("no face found")
        face = faces[0].copy()
        face[:14] /= scale
        return self.recogniser.feature(self.recogniser.alignCrop(picture, face))

    def cosine(self, a, b):
        return float(self.recogniser.match(a, b, cv2.FaceRecognizerSF_FR_COSINE))


class OnnxRuntime:
    """Both networks by ONNX Runtime, the rest by OpenCV."""

    def __init__(self, files):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        load = lambda name: onnxruntime.InferenceSession(str(files / name), options, providers=["CPUExecutionProvider"])
        self.detector, self.recogniser = load("yunet.onnx"), load("sface.onnx")
        self.outputs = [o.name for o in self.detector.get_outputs()]

    def vector(self, jpeg):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        h, w = picture.shape[:2]
        scale = 320 / max(h, w)
        small = cv2.resize(picture, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA)
        height = -(-small.shape[0] // 32) * 32
        width = -(-small.shape[1] // 32) * 32
        canvas = np.zeros((1, 3, height, width), np.float32)
        canvas[0, :, : small.shape[0], : small.shape[1]] = small.transpose(2, 0, 1)
        found = dict(zip(self.outputs, self.detector.run(self.outputs, {self.detector.get_inputs()[0].name: canvas})))
        points = self.best(found, width) / scale
        map_, _ = cv2.estimateAffinePartial2D(points, TEMPLATE, method=cv2.LMEDS)
        crop = cv2.cvtColor(cv2.warpAffine(picture, map_, (112, 112)), cv2.COLOR_BGR2RGB)
        planes = crop.transpose(2, 0, 1)[None].astype(np.float32)
        return self.recogniser.run(None, {self.recogniser.get_inputs()[0].name: planes})[0][0]

    @staticmethod
    def best(found, width):
        """The five points of the surest face."""
        best = (0.0, None)
        for stride in (8, 16, 32):
            score = np.sqrt(np.clip(found[f"cls_{stride}"], 0, 1) * np.clip(found[f"obj_{stride}"], 0, 1)).ravel()
            i = int(score.argmax())
            if score[i] > best[0]:
                cell = np.array([i % (width // stride), i // (width // stride)], np.float32)
                best = (score[i], (found[f"kps_{stride}"].reshape(-1, 5, 2)[i] + cell) * stride)
        if best[0] < 0.6:
            raise RuntimeError("no face found")
        return best[1].astype(np.float32)

    def cosine(self, a, b):
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


class Dlib:
    """face_recognition's own way: HOG detector, five points, ResNet. Its 'cosine' is 1 - distance."""

    def __init__(self, _files):
        import face_recognition

        self.lib = face_recognition

    def vector(self, jpeg):
        picture = cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return self.lib.face_encodings(picture, self.lib.face_locations(picture), model="small")[0]

    def cosine(self, a, b):
        return float(1 - np.linalg.norm(a - b))


class Here:
    """A peer that runs in this process."""

    def __init__(self, system, jpeg):
        self.system, self.jpeg = system, jpeg
        self.enrolled = system.vector(jpeg)

    def once(self):
        start = time.perf_counter()
        cosine = self.system.cosine(self.enrolled, self.system.vector(self.jpeg))
        took = (time.perf_counter() - start) * 1e3
        if cosine < 0.99:
            raise RuntimeError(f"the same picture gave a cosine of {cosine}")
        return took


class Smilepay:
    """A worker of the shipped program, which answers one line for each line it is sent."""

    def __init__(self, program, picture, precision):
        command = [program, "bench", "verify", "--on-request", "--picture", picture, "--precision", precision, "--workers", "1"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("ready"):
            sys.exit("smilepay did not start")

    def once(self):
        self.process.stdin.write("once\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline().split()[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def peers(args, jpeg, path):
    files = models_dir() / "files"
    made = {}
    for precision in args.precision:
        made[f"smilepay {precision}"] = Smilepay(args.smilepay, path, precision)
    made["opencv"] = Here(OpenCv(files), jpeg)
    made["opencv-320"] = Here(OpenCv(files, 320), jpeg)
    for name, module, system in [("onnxruntime", "onnxruntime", OnnxRuntime), ("dlib", "face_recognition", Dlib)]:
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed, left out", file=sys.stderr)
        else:
            made[name] = Here(system(files), jpeg)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smilepay", required=True, help="the program, built with --release")
    parser.add_argument("--portrait", required=True, help="a picture with one face")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--precision", nargs="+", default=["bf16", "f32"])
    parser.add_argument("--json", help="write the figures to this file")
    args = parser.parse_args()
    jpeg = frame_720p(args.portrait)
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"smilepay-peers-{os.getpid()}.jpg")
    Path(path).write_bytes(jpeg)
    try:
        made = peers(args, jpeg, path)
        times = {name: [] for name in made}
        for round_ in range(args.rounds + 1):
            for name, peer in made.items():
                took = peer.once()
                if round_ > 0:
                    times[name].append(took)
    finally:
        os.unlink(path)
    for peer in made.values():
        if isinstance(peer, Smilepay):
            peer.close()
    base = times["opencv"]
    rows = {}
    for name, took in times.items():
        ratio = statistics.median(t / b for t, b in zip(took, base))
        rows[name] = {"median_ms": statistics.median(took), "best_ms": min(took), "times_opencv": ratio}
        print(f"{name:<16} median {rows[name]['median_ms']:7.2f} ms  best {rows[name]['best_ms']:7.2f} ms  {ratio:5.2f} x opencv")
    if args.json:
        Path(args.json).write_text(json.dumps({"rounds": args.rounds, "systems": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
