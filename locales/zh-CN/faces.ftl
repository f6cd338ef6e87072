# The page that compares two pictures (test mode).

faces-title = 是同一个人吗？
faces-lead = 请选择两张各有一张脸的图片。答案只有是或不是，从不给出数值。
faces-first = 第一张图片
faces-second = 第二张图片
faces-do = 比较
faces-kept = 不保存任何内容：两张图片比较后立即丢弃。本页只在测试模式下存在；程序请用受限密钥调用 POST /v1/faces/compare。
faces-same = 同一个人
faces-likely = 很可能是同一个人
faces-different = 没有足够把握说这是同一个人
faces-no_face = 没有可以比较的脸
faces-rate = 若允许每 { $n } 个陌生人中有 1 个通过
faces-beyond = 带 * 的：比较过的陌生人少于这个比率所需。阈值更严，但这个比率没有实际统计过。
faces-yes = 是
faces-no = 不是
faces-of_first = 第一张图片：{ $hint }
faces-of_second = 第二张图片：{ $hint }
faces-hint-no_face = 没有找到脸。请选择一张正面照片。
faces-hint-several_faces = 有几张脸，比较的是最大的一张。
faces-hint-come_closer = 脸太小。大一些更好比较。
faces-hint-hold_still = 脸不清晰。清晰一些更好比较。
faces-hint-more_light = 脸太暗。请用正面的光。
faces-hint-less_light = 脸太亮。光线柔和一些会更好。
faces-hint-look_at_camera = 脸转开了。正面更好比较。
