# Paying.

due-label = 付款内容
due-to = 付给 { $payee }
due-item = 商品
due-ship_to = 寄往
due-promised = 承诺送达

checkout-title = 付 { $amount } 给 { $payee }
checkout-sign_in = 登录后付款
checkout-sign_in_why = 您的付款在这里等您。
checkout-review = 微笑支付
checkout-review_how = 按一下，然后看着摄像头照提示做。您的微笑就是对这笔金额的同意。
checkout-pay = 付 { $amount } 给 { $payee }
checkout-no_face = 刷脸支付
checkout-no_face_why = 您的钱包还不认识您的面容。添加只要半分钟，之后回到这里。
checkout-enrol = 添加我的面容
checkout-opening = 正在打开摄像头
checkout-opening_how = 如果浏览器询问，请允许使用摄像头。
checkout-speak = 说话支付
checkout-speak_how = 按一下，然后念出屏幕上的数字。您的声音就是对这笔金额的同意。
checkout-words = 读单词，不读数字

other-link = 其他付款方式
other-title = 其他付款方式
other-why = 用其中任何一种即可确认这笔付款。
other-step_title = 再验证一次
other-step_why = 为确认是您本人，请再用一种方式确认。
other-back = 返回
other-passkey = 用通行密钥付款
other-face = 刷脸
other-otp = 用验证码付款

paid-title = 已付款
paid-next = 收据马上就来。
paid-receipt = 收据
paid-say = 已付款，谢谢。

retake-title = 我们再试一次
retake-now = 现在再试
retake-lost = 连接中断。没有付款。
retake-count = { $n } 秒后重新开始

refused-title = 这次没有付款
refused-why = 我们无法通过摄像头确认这笔付款。
refused-safe = 没有扣款。订单还在等您。

blocked-title = 摄像头被阻止
blocked-why = 请在浏览器地址栏允许本页使用摄像头，然后再试。
blocked-none_title = 没有找到摄像头
blocked-none_why = 请连接摄像头，或在手机上打开本页，然后再试。
blocked-busy_title = 摄像头正被占用
blocked-busy_why = 似乎有其他程序在使用摄像头。请关闭后再试。
blocked-insecure_title = 摄像头需要安全页面
blocked-insecure_why = 请用 https 打开本页，或在这台电脑上用 localhost 打开。
blocked-mic_title = 麦克风被阻止
blocked-mic_why = 请在浏览器地址栏允许本页使用麦克风，然后再试。
blocked-mic_none_title = 没有找到麦克风
blocked-mic_none_why = 请连接麦克风，或在手机上打开本页，然后再试。
blocked-mic_busy_title = 麦克风正被占用
blocked-mic_busy_why = 似乎有其他程序在使用麦克风。请关闭后再试。
blocked-again = 再试一次

offline-banner = 您已离线。恢复连接之前不会付款。
offline-title = 没有连接
offline-why = 没有付款。请检查网络，然后再试。

expired-title = 这笔付款已过期
expired-why = 没有扣款。请回商店重新开始。
expired-shop = 回到商店

done-title = 已经付过了
done-why = 这个订单已完成，无需再做什么。

error-generic = 没有成功，请再试一次。
error-sign_in = 邮箱或口令不正确。
error-passkey = 这里不认识这个通行密钥。请用口令登录。

ways-title = 如果有什么不方便
ways-smile = 不能微笑或转头？
ways-smile_how = 您可以在钱包里关掉做不到的动作。也可以按“其他付款方式”：通行密钥、声音、口令或应用中的验证码都能支付同样的金额，价格相同。
ways-blink = 不能眨眼，或睁不开眼？
ways-blink_how = 这里从不要求眨眼。如果摄像头看不到您的眼睛，请用其他方式付款。
ways-see = 看不见页面？
ways-see_how = 每一步都会朗读，您的读屏软件也会读出。按“语音提示已开”可以开关语音。
ways-hear = 听不见？
ways-hear_how = 每一句朗读的话，都会同时写在页面上。
ways-hold = 不能拿手机？
ways-hold_how = 把手机靠在什么上面，或用电脑的摄像头。按一下之后不再需要动手，再试也会自动开始。
ways-speak = 不能说话？
ways-speak_how = 从不必须。说话只是几种方式之一。
ways-time = 需要更多时间？
ways-time_how = 摄像头的一次尝试超时后，会重新开始一次。通行密钥、口令和验证码没有单独的时限。

checkout-show = 用纹身或宠物付款
checkout-show_how = 按一下，然后用摄像头对准它并照提示做。这就表示同意这笔金额。
